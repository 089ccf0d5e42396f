"""IAM policy documents: read strictly, and asked whether they deny a request.  Pure, no effects."""
