"""One file per resource: read the body, call the feature, write its answer. A route decides nothing else."""
