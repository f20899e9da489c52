"""Of the clock, what needs neither store nor bus: periods and patience."""
