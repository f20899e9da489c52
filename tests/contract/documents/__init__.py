"""What every assembler and every converter must do, whatever it is made of."""
