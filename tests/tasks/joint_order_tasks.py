"""Unitree A1 on flat ground with PhysX's order of joints on every physics backend: `--import joint_order_tasks`."""

import gymnasium as gym
from isaaclab_tasks.contrib.velocity.config.a1.flat_env_cfg import UnitreeA1FlatEnvCfg

A1 = "IsaacContrib-Velocity-Flat-UnitreeA1"


class PhysxOrderCfg(UnitreeA1FlatEnvCfg):
    def __post_init__(self) -> None:
        super().__post_init__()
        self.scene.robot.joint_ordering = "physx"


gym.register(
    "A1-Physx-Order",
    "isaaclab.envs:ManagerBasedRLEnv",
    disable_env_checker=True,
    kwargs={**gym.spec(A1).kwargs, "env_cfg_entry_point": PhysxOrderCfg},
)
