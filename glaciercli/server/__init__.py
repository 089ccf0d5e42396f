"""An embedded service that speaks the Amazon Glacier REST protocol."""
