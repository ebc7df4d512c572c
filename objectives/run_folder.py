"""The folder of a run: the agent for plain Stable-Baselines3, its policy, numbers and pictures."""

from pathlib import Path

from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.vec_env import VecEnv, VecNormalize

from objectives.actions_picture import actions_over_training
from objectives.bounds.measured_bounds import dimension_labels
from objectives.learning_curve import save_csv, save_png
from objectives.policies.description import POLICY_FILE
from objectives.policies.policy_file import Policy
from objectives.run_result import RunResult, TrainingSignals
from objectives.run_spec import RunSpec
from objectives.signals_picture import signals_picture


def write_run_folder(folder: Path, result: RunResult, agent: BaseAlgorithm, env: VecEnv, spec: RunSpec) -> None:
    """Writes everything that `hpo train` leaves; no policy of a run that diverged.

    Args:
        folder: Made where it is missing.
        result: Of the run.
        agent: As it was when training ended.
        env: What it trained in.
        spec: What was run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    agent.save(folder / "model.zip")
    if isinstance(env, VecNormalize):
        env.save(str(folder / "vecnormalize.pkl"))
    if result.diverged is None:
        (folder / POLICY_FILE).write_bytes(Policy.of(agent, env, spec).as_bytes())
    save_csv(result.learning_curve, folder / "learning_curve.csv")
    save_png(result, folder / "learning_curve.png", f"{spec.environment.task}, seed {spec.seed}")
    seconds = [point.elapsed_s for point in result.learning_curve]
    signals = {name: [getattr(p.signals, name) for p in result.learning_curve] for name in TrainingSignals.model_fields}
    title = f"{spec.environment.task}, {spec.algorithm}"
    signals_picture({f"seed {spec.seed}": (seconds, signals)}, title).savefig(folder / "training_signals.png", dpi=120)
    if result.actions_over_training is not None:
        names = dimension_labels(result.action_names, len(result.actions_over_training.low))
        runs = {f"{spec.algorithm}, seed {spec.seed}": result.actions_over_training}
        actions_over_training(runs, names, spec.environment.task).savefig(folder / "actions.png", dpi=120)
    (folder / "result.json").write_text(result.model_dump_json(indent=2))
