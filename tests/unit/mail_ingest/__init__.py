"""Of the reception of mail, what needs neither store nor sockets."""
