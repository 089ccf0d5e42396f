"""The whole service without a transport: a request in, an answer out."""

import logging
import sqlite3
from contextlib import ExitStack
from dataclasses import replace
from email.utils import format_datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from glaciercli.errors import FileProblem
from glaciercli.ports import Clock, WireRequest, WireResponse
from glaciercli.server import credentials, identifiers, machine
from glaciercli.server.admission import Gate
from glaciercli.server.blobs import BlobStore, sync_directory
from glaciercli.server.catalogue import archives
from glaciercli.server.catalogue.database import Database
from glaciercli.server.credentials import ServiceCredentials
from glaciercli.server.locks import DataLock
from glaciercli.server.service import Service
from glaciercli.server.settings import ServiceSettings
from glaciercli.server.wire import ErrorCode, WireError, error_answer

_LOG = logging.getLogger(__name__)

_CATALOGUE_NAME = "catalogue.sqlite3"


class GlacierApplication:
    """An embedded Glacier service on one data directory, usable by many threads at once.

    Several of them, in several processes, may use one directory at the same time.  ``service``
    is for what runs beside the requests.
    """

    def __init__(self, service: Service, account: ServiceCredentials, lock: DataLock) -> None:
        self.service = service
        self._lock = lock
        self._gate = Gate.before(service, account)
        self.credentials = account

    @classmethod
    def open(cls, data_dir: Path, *, clock: Clock, settings: ServiceSettings) -> Self:
        """Return the service of a data directory, which is made where there is none.

        Raise ``FileProblem`` where the directory cannot be used or its catalogue is damaged.
        """
        try:
            return cls._open(data_dir, clock, settings)
        except OSError as error:
            raise FileProblem(f'cannot use "{data_dir}": {error.strerror or error}') from error
        except sqlite3.Error as error:
            raise FileProblem(f'the catalogue in "{data_dir}" is damaged: {error}') from error

    @classmethod
    def _open(cls, data_dir: Path, clock: Clock, settings: ServiceSettings) -> Self:
        if not data_dir.exists():
            data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            sync_directory(data_dir.parent)
        with ExitStack() as undo:
            lock = DataLock(data_dir)
            undo.callback(lock.release)
            alone = lock.try_exclusive()
            if not alone:
                lock.share()
            blobs = BlobStore(data_dir)
            path = data_dir / _CATALOGUE_NAME
            for one in (path, data_dir / credentials.FILE_NAME):
                _refuse_what_is_no_file(one)
            # The keys first: whoever is stopped in between leaves a directory that is still new.
            account = credentials.load_or_create(data_dir, is_new=not path.exists())
            catalogue = _open_catalogue(path, blobs)
            undo.callback(catalogue.close)
            if alone and blobs.needs_sweep:
                _sweep(catalogue, blobs)
            lock.share()
            # Not before: another may have been the only user for a moment, and have tidied.
            blobs.mark_in_use()
            undo.pop_all()
        service = Service(catalogue=catalogue, blobs=blobs, clock=clock, settings=settings)
        return cls(service, account, lock)

    def __enter__(self) -> Self:
        """Return itself; leaving closes it."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the service."""
        self.close()

    def close(self) -> None:
        """Let go of the data directory; calls must have ended."""
        self.service.catalogue.close()
        self.service.blobs.unmark()
        self._lock.release()

    def handle(self, request: WireRequest) -> WireResponse:
        """Answer one request; failures are answers too, nothing is raised."""
        request_id = identifiers.new_request_id()
        try:
            answer = self._answer(request)
        except WireError as error:
            answer = error_answer(error)
            if error.__cause__ is not None and error.code is ErrorCode.NOT_TAKEN:
                _log_failure(request_id, request, error.__cause__)
        except Exception as error:  # noqa: BLE001 - the last resort: told to the log and the client
            _log_failure(request_id, request, error)
            answer = error_answer(machine.failed(error))
        date = format_datetime(self.service.clock.now(), usegmt=True)
        common = {"x-amzn-RequestId": request_id, "Date": date}
        return replace(answer, headers={**common, **answer.headers})

    def _answer(self, request: WireRequest) -> WireResponse:
        route, call = self._gate.admit(request)
        return route.handler(self.service, call)


def _log_failure(request_id: str, request: WireRequest, error: BaseException) -> None:
    """Tell whoever runs the service; where the program is at fault, with all that there is."""
    refusal = machine.refusal(error)
    words = f": {refusal}" if refusal else ""
    trace = None if refusal else error
    what = "request %s failed: %s %s%s"
    _LOG.error(what, request_id, request.method, request.target, words, exc_info=trace)


def _refuse_what_is_no_file(path: Path) -> None:
    """Raise ``FileProblem`` for a pipe, say, which would be waited for without end."""
    if path.exists() and not path.is_file():
        raise FileProblem(f'"{path}" is no regular file')


def _open_catalogue(path: Path, blobs: BlobStore) -> Database:
    is_there = path.exists()
    if not (is_there and path.stat().st_size) and not blobs.is_empty():
        # A new catalogue would know none of the content, and a sweep would remove it all.
        state = "empty" if is_there else "missing"
        raise FileProblem(f'"{path}" is {state}, but there is content beside it')
    return Database.open(path)


def _sweep(catalogue: Database, blobs: BlobStore) -> None:
    with catalogue.reading() as tx:
        known = archives.known_files(tx)
    blobs.sweep(known)
