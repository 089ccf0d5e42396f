"""The threads that run the application, kept apart by what they may have to wait for."""

from concurrent.futures import ThreadPoolExecutor

#: How many requests that are whole already run at once; none of them ever waits for a client.
_OPERATIONS = 32

#: How many threads read content for clients; each is busy for one piece at a time.
_READERS = 8


class Threads:
    """Three pools: for whole requests, for bodies that still arrive, for content that is sent."""

    def __init__(self, *, most_uploads: int) -> None:
        self.operations = ThreadPoolExecutor(_OPERATIONS, thread_name_prefix="operation")
        # As many as there may be connections: an upload that stalls holds up no other.  A thread
        # is made only when none is idle.
        self.uploads = ThreadPoolExecutor(most_uploads, thread_name_prefix="upload")
        self.readers = ThreadPoolExecutor(_READERS, thread_name_prefix="reader")

    def close(self) -> None:
        """Wait until every thread has finished what it does."""
        for pool in (self.operations, self.uploads, self.readers):
            pool.shutdown(wait=True, cancel_futures=True)
