"""Many runs: made (`make`) and read (`read`)."""
