"""Prints the trials of a study as JSON; runs in a container of the stack: python - STUDY < trials.py."""

import json
import os
import sys
from pathlib import Path

import optuna

from hpo.database.storage import with_password

password = Path(os.environ["HPO_STORAGE_PASSWORD_FILE"]).read_text().strip()
study = optuna.load_study(study_name=sys.argv[1], storage=with_password(os.environ["HPO_STORAGE"], password))
names = ("retry_of", "retries", "host", "git_commit", "hardware", "log")
trials = [
    {
        "number": trial.number,
        "state": trial.state.name,
        "value": trial.value if trial.state.name == "COMPLETE" else None,
        "params": trial.params,
        **{name: trial.user_attrs.get(name) for name in names},
    }
    for trial in study.trials
]
json.dump(trials, sys.stdout)
