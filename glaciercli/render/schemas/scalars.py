"""The values that documents are made of."""

from glaciercli.render.schemas.shapes import ListOf, Scalar

TEXT = Scalar(says={"type": "string"})
TEXTS = ListOf(of=TEXT)
FLAG = Scalar(says={"type": "boolean"})
COUNT = Scalar(says={"type": "integer", "minimum": 0})
BYTES = COUNT
#: RFC 3339 in UTC.
TIME = Scalar(
    says={
        "type": "string",
        "format": "date-time",
        "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$",
    }
)
TREE_HASH = Scalar(says={"type": "string", "pattern": "^[0-9a-f]{64}$"})
#: Money and quantities are texts, so that no reader rounds them.
USD = Scalar(says={"type": "string", "pattern": r"^\d+\.\d{6}$"})
PRICE = Scalar(says={"type": "string", "pattern": r"^\d+(\.\d+)?$"})
QUANTITY = Scalar(says={"type": "string", "pattern": r"^\d+(\.\d+)?$"})
#: A policy as the service has it, which need not be JSON, or none.
POLICY = Scalar(says={"type": ["object", "string", "null"]})
#: The value of a setting; a list is of texts or of pairs.
SETTING = Scalar(says={"type": ["string", "integer", "boolean", "array", "null"]})
