"""SAC as in sbx, with programs that are compiled once per shape and shared by all agents of a process."""

from typing import Any, ClassVar

import jax
import sbx
from sbx.common.type_aliases import ReplayBufferSamplesNp
from sbx.sac.policies import SACPolicy
from sbx.sac.sac import EntropyCoef
from stable_baselines3.common.utils import LinearSchedule

from objectives.agents.chunked_training import ChunkedTraining, traced_delay
from objectives.agents.device_rollouts import Chosen
from objectives.agents.entropy_coefficient import SharedEntropyCoefficient
from objectives.agents.sac_policies import SharedGaussianSACPolicy, SharedSACPolicy, SharedSimbaSACPolicy
from objectives.agents.sac_training import Settings, train_by_settings
from objectives.agents.shared_parts import also_takes, on_device
from objectives.agents.training_signals import judge_by_smallest
from objectives.own_hyperparameters import OWN_ARGUMENTS


class SAC(ChunkedTraining, SharedEntropyCoefficient, sbx.SAC):
    """sbx's SAC: same arguments and some more, same updates.

    Two differences in how, none in what: learning rates, policy delay and entropy coefficient are traced, so that
    agents which differ only in those share their programs; and the gradient steps of one `train` are done in chunks.

    Args:
        args: Of sbx's.
        target_update_interval: Every so many updates of the critics the target networks are updated.
        policy_catches_up: Whether the policy, at every `policy_delay`-th update of the critics, makes up for those it
            was left out of, as CleanRL has it: `policy_delay` updates on one batch.
        policy_mean_reg_weight: Weight, in the policy's loss, of the mean square of its means before they are squashed.
        policy_std_reg_weight: Weight of the mean square of the logarithm of its standard deviations.
        bounds_loss_coef: Weight of the squared distance of its means, before they are squashed, beyond 1.1 (rl_games).
        target_kl: One update of the policy shall change it by about this KL divergence. Its learning rate follows by
            sbx's `KLAdaptiveLR`: it begins with `learning_rate` and stays within 1e-5 and 1e-2. A schedule of the
            learning rate is then for the critics alone.
        initial_action_range: How far actions reach at the start, where 1 are the bounds. The range grows linearly.
        action_range_fraction: The part of the training, by its steps or its time, after which the range is 1.
        kwargs: Of sbx's.

    Raises:
        ValueError: A number is out of its range, or the policy has no range that could grow.
    """

    policy_aliases: ClassVar[dict[str, type[SACPolicy]]] = {
        "MlpPolicy": SharedSACPolicy,
        "SimbaPolicy": SharedSimbaSACPolicy,
        "GaussianPolicy": SharedGaussianSACPolicy,
        "MultiInputPolicy": SharedSACPolicy,
    }
    learned_coefficient = EntropyCoef

    key: jax.Array
    target_update_interval: int
    policy_catches_up: bool
    policy_mean_reg_weight: float
    policy_std_reg_weight: float
    bounds_loss_coef: float
    target_kl: float | None
    initial_action_range: float
    action_range_fraction: float
    policy_kl: jax.Array | None = None
    """Of the latest update of the policy; it may still be computed. None without `target_kl`."""
    judge = staticmethod(judge_by_smallest)

    _train = traced_delay(sbx.SAC)

    @also_takes(sbx.SAC.__init__, **OWN_ARGUMENTS)
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        own = {name: kwargs.pop(name, default) for name, default in OWN_ARGUMENTS.items()}
        _refuse_impossible(own)
        for name, value in own.items():
            setattr(self, name, value)
        super().__init__(*args, **kwargs)

    def _setup_model(self) -> None:
        super()._setup_model()
        # A loaded agent's own copy of `actor` belongs to a copy of its policy.
        self.actor = self.policy.actor
        self.policy.action_range = self._action_range()
        if self.initial_action_range < 1 and isinstance(self.policy, SharedGaussianSACPolicy):
            raise ValueError("initial_action_range: GaussianPolicy has no bounds that could grow")

    def _action_range(self) -> float:
        if self.initial_action_range == 1:
            return 1.0
        # Where time ends the training, and its steps are never done, the range grows with time.
        by_time = 1.0 if self.budget_spent is None else max(0.0, 1.0 - self.budget_spent())
        remaining = min(self._current_progress_remaining, by_time)
        return float(LinearSchedule(self.initial_action_range, 1.0, self.action_range_fraction)(remaining))

    def _choose_actions(self, learning_starts: int) -> Chosen:
        self.policy.action_range = self._action_range()
        return super()._choose_actions(learning_starts)

    def _networks(self) -> tuple[tuple[Any, Any], ...]:
        actor, critics = self.policy.actor_state, self.policy.qf_state
        return (actor.apply_fn, (actor.params, on_device(self.policy.action_range))), (critics.apply_fn, critics.params)

    def named_losses(self) -> dict[str, Any]:
        """`losses` by their names, and the KL divergence where it counts."""
        kl = {} if self.policy_kl is None else {"policy_kl": self.policy_kl}
        return {**super().named_losses(), **kl}

    def _is_sbx_s(self) -> bool:
        """Whether sbx's own program does the updates."""
        own = {name: getattr(self, name) for name in OWN_ARGUMENTS}
        if self.policy_delay == 1:
            own["policy_catches_up"] = False
        return own == {**OWN_ARGUMENTS, "action_range_fraction": self.action_range_fraction}

    def _update_learning_rate(self, optimizers: Any, learning_rate: float, name: str = "learning_rate") -> None:
        # Of the policy it is where the KL divergence has brought it.
        if not (self.target_kl and name == "learning_rate_actor" and self._n_updates):
            super()._update_learning_rate(optimizers, learning_rate, name)

    def _train_chunk(self, steps: int, data: ReplayBufferSamplesNp) -> Any:
        if not self._is_sbx_s():
            return self._train_by_settings(steps, data)
        self.policy.qf_state, self.policy.actor_state, self.ent_coef_state, self.key, losses = self._train(
            on_device(float(self.tau)),
            on_device(float(self.target_entropy)),
            steps,
            data,
            *self._delay(),
            self.policy.qf_state,
            self.policy.actor_state,
            self.ent_coef_state,
            self.key,
        )
        return losses

    def _train_by_settings(self, steps: int, data: ReplayBufferSamplesNp) -> Any:
        policy = self.policy
        policy.qf_state, policy.actor_state, self.ent_coef_state, self.key, losses, kl = train_by_settings(
            self._settings(),
            steps,
            data,
            on_device(self._n_updates % (self.policy_delay * self.target_update_interval)),
            policy.qf_state,
            policy.actor_state,
            self.ent_coef_state,
            self.key,
        )
        self.policy_kl = kl if self.target_kl else None
        return losses

    def _settings(self) -> Settings:
        return Settings(
            tau=on_device(float(self.tau)),
            target_entropy=on_device(float(self.target_entropy)),
            policy_delay=on_device(self.policy_delay),
            policy_updates=on_device(self.policy_delay if self.policy_catches_up else 1),
            target_update_interval=on_device(self.target_update_interval),
            policy_mean_reg_weight=on_device(float(self.policy_mean_reg_weight)),
            policy_std_reg_weight=on_device(float(self.policy_std_reg_weight)),
            bounds_loss_coef=on_device(float(self.bounds_loss_coef)),
            target_kl=on_device(float(self.target_kl or 0.0)),
            action_range=on_device(float(self.policy.action_range)),
        )

    def _excluded_save_params(self) -> list[str]:
        return [*super()._excluded_save_params(), "policy_kl"]


def _refuse_impossible(own: dict[str, Any]) -> None:
    """Raises a `ValueError` if one of SAC's own arguments is out of its range."""
    for name in ("policy_mean_reg_weight", "policy_std_reg_weight", "bounds_loss_coef"):
        if not 0 <= own[name] < float("inf"):
            raise ValueError(f"{name} is {own[name]:g}: it cannot be below 0")
    for name in ("initial_action_range", "action_range_fraction"):
        if not 0 < own[name] <= 1:
            raise ValueError(f"{name} is {own[name]:g}: it lies above 0 and is 1 at most")
    if own["target_kl"] is not None and not 0 < own["target_kl"] < float("inf"):
        raise ValueError(f"target_kl is {own['target_kl']:g}: it is above 0, or null")
