"""X.509: certificates, what they say, and whether to believe them."""
