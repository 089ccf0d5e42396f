"""The far side: the only package that imports boto3."""
