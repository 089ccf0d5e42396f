"""What every test may rely on."""

import signal

# A shell starts what runs in its background with Ctrl-C ignored, nohup ignores a lost terminal,
# and every child inherits that. The tests send these signals, so they listen, and what they start
# listens too.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
