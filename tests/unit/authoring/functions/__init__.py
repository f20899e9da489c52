"""The functions of interviews, one test module per module; examples are those of the documentation where it has some."""
