"""The catalogue of faults: what may happen, in a few words, by group and number.

A row in ``REMARKS`` says what the tests of it do not show, and why; a row without any test has to
have one.
"""

ROWS = {
    "P1": "kill -9 at any change of the disk",
    "P2": "kill -9 again while the same line recovers",
    "P3": "power cut",
    "P4": "SIGINT, SIGTERM, SIGHUP, once and twice",
    "P5": "standard output closed, full, or its reader gone",
    "P6": "disk full, quota spent",
    "P7": "read error of a source, error of fsync",
    "P8": "key map that cannot be written",
    "P9": "key map damaged, foreign, or newer",
    "P10": "key map on a network file system",
    "P11": "two runs at once on one machine",
    "P12": "two machines with one vault",
    "P13": "little memory, few open files, small files only",
    "P14": "migration cut off, program older than the key map",
    "P15": "files that others may read, a key map behind a link",
    "N1": "throttling",
    "N2": "failures inside the service",
    "N3": "408, with a code and without",
    "N4": "connection reset before, in and after a body",
    "N5": "line that stalls or trickles",
    "N6": "nobody there, a wrong name, a login page, a redirect",
    "N7": "answer lost after the deed",
    "N8": "service that computes another tree hash",
    "N9": "bit flipped on the way",
    "N10": "output cut short, too long, of another range or archive",
    "N11": "upload that the service has forgotten",
    "N12": "listing of parts that differs, or runs in a circle",
    "N13": "retrieval job that expired or failed",
    "N14": "inventory that is not ready, failed, or was never made",
    "N15": "vault deleted and made again, another account",
    "N16": "credentials that are wrong, missing, or expire",
    "N17": "clock that is wrong",
    "N18": "refusal by policy, limit, capacity or lock",
    "N19": "faults of buckets in S3",
    "N20": "redirect to another host",
    "F1": "file that changes while it is sent",
    "F2": "file that vanishes or is replaced",
    "F3": "file or directory without permission",
    "F4": "links that run in a circle or lead out",
    "F5": "pipes, sockets, devices",
    "F6": "sparse file",
    "F7": "empty file",
    "F8": "sizes at each limit",
    "F9": "names with control characters, names too long",
    "F10": "names that are no UTF-8",
    "F11": "names that some file systems take for one",
    "F12": "hard links, and times no calendar has",
    "H1": "name that leads out of the target, link planted on the way",
    "H2": "text that acts on a terminal",
    "H3": "text that acts in a spreadsheet or as markup",
    "H4": "one name, one content or one ID several times",
    "H5": "inventory that is old, early, or of another vault",
    "H6": "empty inventory of a full vault",
    "H7": "very large inventory",
    "H8": "hostile JSON",
    "H9": "hostile CSV",
    "H10": "hostile markup in a description",
    "H11": "hostile configuration",
    "H12": "hostile database or journal of another tool",
    "H13": "hostile bundle of files",
    "H14": "secrets shown or kept",
    "H15": "hostile or poor environment",
    "E1": "vault name that is a path",
    "E2": "request with an endless head",
    "E3": "clients that send or read slowly",
    "E4": "requests framed wrongly or smuggled",
    "E5": "body that is not what was announced",
    "E6": "How a part of other bytes and the removal of the vault go together with the end of an "
    "upload is not tried at once: each is one transaction of the catalogue.",
    "E8": "data directory damaged by hand",
    "E9": "signature that is wrong, old, or of something else",
    "E10": "service that anybody on the network could use",
}

REMARKS = {
    "P10": "Nothing warns of it. The key map keeps to what such a file system has to support: "
    "locks of ranges and a rollback journal, never shared memory before SQLite 3.51.3.",
    "P13": "How much memory is taken is measured. No test takes it away from a program that runs, "
    "as a limit of its address space would.",
    "N16": "Credentials that are renewed under way are boto3's to find, and no test renews any.",
    "N19": "Nothing to test: the program has no store of that kind.",
    "F6": "A hole is sent as the zeros that it reads as, and comes back as zeros on the disk.",
    "H3": "In CSV a cell is written as it is, quoted where it must be, also one that a "
    "spreadsheet would take for a formula: programs read it, and a changed name would be a wrong "
    "one.",
    "H6": "No limit stops such an inventory: all that it lacks becomes *missing*, is kept and "
    "shown, and the next inventory that lists it makes it *confirmed* again.",
    "H13": "Nothing to test: archives are never unpacked.",
    "E6": "What is sent to one upload at once, parts, its end and its abortion, is tried in turn "
    "only: each is one transaction of the catalogue.",
    "E8": "What is damaged is found by `serve --check`. Content of the right size is not looked at "
    "when it is asked for: it is sent as it is, under the hash of what was stored, and whoever "
    "takes it has to compare.",
    "E10": "It starts, and warns aloud of what whoever can reach it can do.",
}
