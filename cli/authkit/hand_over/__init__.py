"""What starts or feeds an outside program."""
