"""Who may work here: accounts, signing in and out, and how often it may be tried."""
