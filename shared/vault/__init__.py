"""The vault: through it goes all that holds answers, between the use cases and the store.

ports      what a vault does, and who has a session's key
store      puts a vault in front of any store; one module for each of its ports beside it
sealed     the vault that seals; plain leaves everything as it is
sealing    the encryption itself; mailboxes for who has not the key
slots      a session's key, wrapped for a browser, for the installation, for a piece of work
held       the keys that the work at hand has; keys where there are no slots (tests, what runs said)

Not for: who may enter a session (services.interview.access), what a browser keeps (services.gateway.client.secret).
"""
