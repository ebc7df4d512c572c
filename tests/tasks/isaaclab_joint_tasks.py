"""Isaac Lab tasks with other orders and names of actions, or short episodes, by `--import isaaclab_joint_tasks`."""

import gymnasium as gym
from isaaclab.envs import mdp
from isaaclab_tasks.contrib.velocity.config.a1.flat_env_cfg import UnitreeA1FlatEnvCfg
from isaaclab_tasks.contrib.velocity.config.a1.rough_env_cfg import UnitreeA1RoughEnvCfg
from isaaclab_tasks.core.cartpole.cartpole_manager_env_cfg import CartpoleEnvCfg


class PhysxOrderCfg(UnitreeA1FlatEnvCfg):
    """PhysX's order of joints on every physics backend, and episodes of fifty steps."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.scene.robot.joint_ordering = "physx"
        self.episode_length_s = 1.0


class ShortRoughCfg(UnitreeA1RoughEnvCfg):
    """Rough ground, and episodes of half a second."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.episode_length_s = 0.5


class ThreeTermsCfg(CartpoleEnvCfg):
    """Two terms that move the same joint, and one whose only number moves two joints."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.actions.everything = mdp.JointPositionActionCfg(asset_name="robot", joint_names=[".*"])
        to = dict.fromkeys((".*",), 0.0)
        self.actions.brake = mdp.BinaryJointVelocityActionCfg(
            asset_name="robot", joint_names=[".*"], open_command_expr=to, close_command_expr=to
        )


class RelativeTermCfg(CartpoleEnvCfg):
    """A term that moves the joint from where it is."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.actions.joint_effort = mdp.RelativeJointPositionActionCfg(
            asset_name="robot", joint_names=["slider_to_cart"], scale=0.1, use_zero_offset=True
        )


for name, of, cfg in (
    ("A1-Physx-Order", "IsaacContrib-Velocity-Flat-UnitreeA1", PhysxOrderCfg),
    ("A1-Rough-Short", "IsaacContrib-Velocity-Rough-UnitreeA1", ShortRoughCfg),
    ("Cartpole-Three-Terms", "Isaac-Cartpole", ThreeTermsCfg),
    ("Cartpole-Relative-Term", "Isaac-Cartpole", RelativeTermCfg),
):
    gym.register(
        name,
        "isaaclab.envs:ManagerBasedRLEnv",
        disable_env_checker=True,
        kwargs={**gym.spec(of).kwargs, "env_cfg_entry_point": cfg},
    )
