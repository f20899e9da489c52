"""The gateway without a bus: screens to controls, forms to values, streams, files, errors."""
