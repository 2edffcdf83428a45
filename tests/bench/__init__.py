"""What the product reaches on this machine: page times and check-ins a second. It reports, it never fails."""
