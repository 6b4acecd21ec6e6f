"""The command line. It talks to people; it imports torch only when it is about to paint."""
