"""Work outside the request (后台任务): the Job row is the truth, a worker carries it out."""
