"""When do we ask again? Values in, a time and one sentence out; the clock is an argument."""
