"""What documents look like: declared once, and written down as JSON Schemas in docs/schemas."""
