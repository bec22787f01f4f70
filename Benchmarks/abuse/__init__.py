"""What an abuser does to a server, and what the others notice of it. Start it by script/abuse."""
