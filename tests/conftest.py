"""What every test may rely on."""

import signal

# A shell starts what runs in its background with Ctrl-C ignored, and every child inherits that.
# The tests press Ctrl-C, so they listen, and what they start listens too.
signal.signal(signal.SIGINT, signal.default_int_handler)
