"""The command line. It talks to people; it imports torch only when it is about to paint."""

import time

BEGAN = time.perf_counter()  # this is the first of the command that a process loads
