"""The home of somebody who types the examples: the files, vaults and archives that they name."""

import io
import json
import re
import shutil
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from glaciercli.cli.clock import SystemClock
from glaciercli.core.times import format_time
from glaciercli.core.treehash import tree_hash
from glaciercli.server.application import GlacierApplication
from glaciercli.server.settings import ServiceSettings
from glaciercli.service import session
from tests.transcripts.typist import Typist, at_home

_CORPUS = Path(__file__).parents[1] / "data" / "corpus"

#: Directories that the examples name from the root of the file system on.
_FOREIGN = re.compile(r"(?<![\w.~/:])/(srv|mnt|etc|var|restored)\b")

#: What stands in the examples for an ID.
ARCHIVE, JOB_OR_UPLOAD = "ab12cd", "HkF9p6o7"

_CONFIG = """
[defaults.serve]
port = 0

[stores.lab]
kind = "local"
data = "~/lab"
"""

_PICTURES = ("2024/beach.jpg", "2024/blurred.jpg", "old/cat.jpg", "img1.jpg", "wedding.tar")

_NAMELESS = "9" * 138

#: A vault with everything in it that an example may look at, or change.
_LINES = (
    "glaciercli vault create photos",
    "glaciercli vault create configs",
    "glaciercli vault create backup",
    "glaciercli vault create old",
    "glaciercli upload ~/Pictures photos",
    "glaciercli upload holiday.tar photos",
    "glaciercli sync /srv/data backup/data",
    "glaciercli inventory refresh photos",
    "glaciercli retrieve photos/img1.jpg --to fetched.jpg",
    "glaciercli keymap store photos",
    "glaciercli vault tag set photos owner=ann project=2024",
    "glaciercli vault policy set photos --preset allow-read=123456789012",
    "glaciercli vault notify set photos arn:aws:sns:us-east-1:123456789012:glacier-jobs",
    "glaciercli keymap backup ~/key-map.bak",
    "glaciercli keymap export key-map.jsonl.gz",
    "glaciercli vault create photos --key-map /mnt/laptop/key-map.sqlite3",
    "glaciercli upload other.jpg photos --key-map /mnt/laptop/key-map.sqlite3",
    "glaciercli keymap export laptop.jsonl.gz --key-map /mnt/laptop/key-map.sqlite3",
)


#: The commands that change nothing: what is typed after one finds everything in its place.
READING = frozenset(
    (
        "account capacity list",
        "account policy show",
        "config path",
        "config show",
        "cost",
        "doctor",
        "inventory export",
        "inventory show",
        "job list",
        "job show",
        "keymap check",
        "keymap path",
        "keymap snapshots",
        "list",
        "report",
        "treehash",
        "upload-parts list",
        "vault list",
        "vault lock show",
        "vault notify show",
        "vault policy show",
        "vault show",
        "vault tag list",
        "verify",
    )
)


@dataclass(frozen=True, kw_only=True)
class World:
    """A home that is put back in order before each example."""

    root: Path
    #: What the home was once it was furnished.
    pattern: Path
    typist: Typist
    #: What stands for an ID in the examples of a command, and the ID.
    ids: Mapping[str, str]
    #: The lines since everything was in its place that may have moved something.
    moved: list[str] = field(default_factory=list)

    def tidy(self) -> None:
        """Put everything back to where it was."""
        if self.moved:
            shutil.rmtree(self.root)
            shutil.copytree(self.pattern, self.root)
            self.moved.clear()

    def type(self, command: str, line: str, *, answer: str | None = None) -> str:
        """Type a line, whatever its command does, and return what the terminal shows."""
        if command not in READING and "--dry-run" not in line:
            self.moved.append(line)
        return self.typist.type(line, answer=answer)

    def typed(self, line: str) -> str:
        """Return a line with the directories of this world in the place of the machine's."""
        return _FOREIGN.sub(lambda found: f"{self.root}/{found[1]}", line)


def furnished(place: Path) -> World:
    """Return a home with everything that the examples speak of."""
    root = place / "world"
    typist = at_home(root / "home")
    typist.variables |= {"GLACIERCLI_STORE": "local", "SHELL": "/bin/bash"}
    world = World(root=root, pattern=place / "pattern", typist=typist, ids={})
    _write_files(typist.home)
    for line in _LINES:
        shown = typist.type(world.typed(line))
        assert typist.code == 0, f"{line}\n{shown}"
    upload = _begin_an_upload(typist.home / ".local/share/glaciercli/local-store")
    listed = json.loads(typist.type("glaciercli list photos -o json"))["archives"]
    (typist.home / "inventory.json").write_text(json.dumps(_inventory(listed)))
    (archive_id,) = {one["archive_id"] for one in listed if one["name"] == "img1.jpg"}
    jobs = json.loads(typist.type("glaciercli job list photos -o json"))["jobs"]
    ids = {
        "rename": archive_id,
        "delete": archive_id,
        "job show": jobs[0]["job_id"],
        "upload-parts abort": upload,
    }
    shutil.copytree(root, world.pattern)
    return World(root=root, pattern=world.pattern, typist=typist, ids=ids)


def _write_files(home: Path) -> None:
    texts = {f"Pictures/{name}": f"the picture {name}\n" for name in _PICTURES}
    texts |= {
        "Documents/letter.txt": "dear reader\n",
        "other.jpg": "another picture\n",
        "policy.json": json.dumps(_policy()),
        "journal.log": _journal(f"the picture {_PICTURES[0]}\n".encode()),
        "ahead": "1h\n",
        ".config/glaciercli/config.toml": _CONFIG,
        ".config/fish/completions/others.fish": "",
        "../srv/data/table.csv": "1,2\n",
        "../srv/data/deep/notes.txt": "notes\n",
        "../srv/data/deep/scratch.tmp": "scratch\n",
        "../etc/hosts": "127.0.0.1 localhost\n",
        "../var/log/glaciercli/others.log": "",
        "../mnt/usb/photo.jpg": "one more\n",
        "../mnt/laptop/readme": "a laptop\n",
    }
    for name, text in texts.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    shutil.copy(_CORPUS / "fault-plan" / "plan.toml", home / "faults.toml")
    (home / ".cache" / "glacier-cli").mkdir(parents=True)
    shutil.copy(
        _CORPUS / "glacier-cli-database" / "store.sqlite3", home / ".cache" / "glacier-cli" / "db"
    )
    with tarfile.open(home / "holiday.tar", "w") as archive:
        entry = tarfile.TarInfo("beach.jpg")
        entry.size = 4
        archive.addfile(entry, io.BytesIO(b"sand"))
    shutil.copy(home / "holiday.tar", home / "Pictures" / "holiday.tar")


def _policy() -> dict[str, object]:
    """Return a policy that a vault may have, and be locked by."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "glacier:DeleteArchive",
                "Resource": "arn:aws:glacier:us-east-1:000000000000:vaults/photos",
                "Condition": {"NumericLessThan": {"glacier:ArchiveAgeInDays": "365"}},
            }
        ],
    }


def _inventory(archives: Iterable[Mapping[str, object]]) -> dict[str, object]:
    """Return an inventory as other tools save one, newer than all that were taken in."""
    listed = [
        {
            "ArchiveId": one["archive_id"],
            "ArchiveDescription": one["description"],
            "CreationDate": one["uploaded_at"],
            "Size": one["size_bytes"],
            "SHA256TreeHash": one["tree_hash"],
        }
        for one in archives
    ]
    return {
        "VaultARN": "arn:aws:glacier:us-east-1:000000000000:vaults/photos",
        "InventoryDate": format_time(SystemClock().now() + timedelta(minutes=1)),
        "ArchiveList": listed,
    }


def _journal(content: bytes) -> str:
    """Return the journal of another tool that tells of an archive without a name."""
    known = tree_hash([content]).hex()
    return f"B\t1\tCREATED\t{_NAMELESS}\t{len(content)}\tNONE\t{known}\t{_NAMELESS}\n"


def _begin_an_upload(data: Path) -> str:
    """Begin an upload that nobody finishes, long ago, and return its ID."""
    with GlacierApplication.open(
        data, clock=SystemClock(), settings=ServiceSettings()
    ) as application:
        account = application.credentials
        there = session.Endpoint(
            region="us-east-1",
            url="http://local.invalid",
            access_key=account.access_key_id,
            secret_key=account.secret_access_key,
        )
        begun = session.connect_in_process(application, there).initiate_multipart_upload(
            vaultName="photos", archiveDescription="their backup", partSize="1048576"
        )
    return str(begun["uploadId"])
