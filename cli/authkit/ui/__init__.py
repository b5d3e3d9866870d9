"""How a value or an error reaches a person or a pipe."""
