"""Filming a policy: a picture of each robot and step, side by side, as an mp4."""

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.vec_env import VecEnv

from objectives.environments import robot_velocities, terrain_curriculum
from objectives.environments.camera import camera
from objectives.evaluation import act, draw_noise_as_in_training, frozen
from objectives.policies.play import PlaySpec
from objectives.velocity_tracking import Velocities

_MOST_FPS = 30.0
_COLUMNS = 3
_TELL_EVERY_S = 1.0
_FONT = ImageFont.load_default(size=14)
_LINE_PX = 16


def film(agent: BaseAlgorithm, env: VecEnv, spec: PlaySpec, on_share: Callable[[float], None]) -> None:
    """Films the policy of `agent` for `spec.video_s` seconds of the task's time.

    Args:
        agent: Whose policy acts.
        env: Environments with a camera; the statistics of normalization are frozen.
        spec: How long, and where to.
        on_share: Told how much is done, from 0 to 1.
    """
    assert spec.video is not None
    sees = camera(env, spec.environment.task)
    stride = math.ceil(sees.fps / _MOST_FPS)
    steps = max(1, round(spec.video_s * sees.fps))
    terrain = terrain_curriculum(env)
    grounds = (
        [""] * env.num_envs
        if terrain is None
        else [f"{kind}, level {level}" for kind, level in zip(terrain.types, terrain.levels.tolist(), strict=True)]
    )
    writer: Any = None
    returns = np.zeros(env.num_envs)
    told_at = -math.inf
    env.seed(spec.seed)
    with frozen(env):
        observations = env.reset()
        try:
            for number in range(steps):
                if number % stride == 0:
                    velocities = robot_velocities(env)
                    captions = [
                        [grounds[i], f"{number / sees.fps:5.1f} s  return {returns[i]:z.1f}", *_velocity(velocities, i)]
                        for i in range(env.num_envs)
                    ]
                    frame = tiled([captioned(p, c) for p, c in zip(sees.pictures(), captions, strict=True)])
                    writer = writer or _writer(Path(spec.video), frame, sees.fps / stride)
                    writer.send(np.ascontiguousarray(frame))
                    if time.monotonic() >= told_at + _TELL_EVERY_S:
                        told_at = time.monotonic()
                        on_share(number / steps)
                if not spec.deterministic:
                    draw_noise_as_in_training(agent, number, env.num_envs)
                _, observations, step = act(agent, env, observations, spec.deterministic)
                ended = np.asarray(step.terminated) | np.asarray(step.truncated)
                returns = np.where(ended, 0.0, returns + np.asarray(step.rewards))
        finally:
            if writer is not None:
                writer.close()


def _velocity(velocities: Velocities | None, number: int) -> list[str]:
    """What a picture does not show: what was commanded, and what is done."""
    if velocities is None:
        return []
    said, done = (", ".join(f"{value:+z.2f}" for value in part[number]) for part in velocities)
    return [f"command ({said})  velocity ({done})"]


def captioned(picture: NDArray[np.uint8], lines: list[str]) -> NDArray[np.uint8]:
    """The picture with lines of text in its upper left corner."""
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    for place, line in enumerate(line for line in lines if line):
        draw.text((6, 4 + place * _LINE_PX), line, font=_FONT, fill="white", stroke_width=1, stroke_fill="black")
    return np.asarray(image)


def tiled(pictures: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Pictures of one size side by side, three in a row; width and height are even, as the format needs them."""
    columns = min(_COLUMNS, len(pictures))
    rows = math.ceil(len(pictures) / columns)
    height, width, _ = pictures[0].shape
    whole = np.zeros((rows * height + rows * height % 2, columns * width + columns * width % 2, 3), np.uint8)
    for place, picture in enumerate(pictures):
        top, left = height * (place // columns), width * (place % columns)
        whole[top : top + height, left : left + width] = picture
    return whole


def _writer(path: Path, frame: NDArray[np.uint8], fps: float) -> Any:
    """Takes frames by `send`; H.264 with 4:2:0 colours, which browsers play."""
    height, width, _ = frame.shape
    writer = imageio_ffmpeg.write_frames(
        path, (width, height), fps=fps, codec="libx264", pix_fmt_out="yuv420p", macro_block_size=2,
        output_params=["-movflags", "+faststart"],
    )  # fmt: skip
    writer.send(None)
    return writer
