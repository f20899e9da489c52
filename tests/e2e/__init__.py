"""The system as its users meet it: real services, children, stores, browser, mail."""
