"""Builds a folder of Isaac Lab assets, so that real tasks run without NVIDIA's asset server and without a GPU.

Usage: python build_assets.py FOLDER, then ISAACSIM_ASSET_ROOT=FOLDER. Covers Isaac-Cartpole*, Isaac-Ant* and
IsaacContrib-Velocity-Flat-UnitreeA1. Cartpole and ant come from files that Newton ships. The A1 has the public robot's
link lengths, masses and joint limits, with boxes and spheres for collision: good for seeing that everything runs, not
for results to publish.
"""

import sys
from pathlib import Path

import newton
from pxr import Gf, Sdf, Usd, UsdGeom, UsdPhysics, UsdShade

Vector = tuple[float, float, float]
ASSETS = Path(newton.__file__).parent / "examples" / "assets"
COLORS = {"trunk": (0.9, 0.45, 0.1), "thigh": (0.15, 0.25, 0.45), "calf": (0.2, 0.5, 0.8), "foot": (0.1, 0.1, 0.1)}
"""Of the robot in films, where the ground is grey."""


def main(root: Path) -> None:
    # The file's defaultPrim is spelled otherwise than the prim.
    cartpole = (ASSETS / "cartpole_single_pendulum.usda").read_text()
    write(root / "Isaac/IsaacLab/Robots/Classic/Cartpole/cartpole.usd", cartpole.replace('"cartPole"', '"cartpole"'))
    write(root / "Isaac/Robots/IsaacSim/Ant/ant_instanceable.usd", (ASSETS / "ant.usda").read_text())
    ground_plane(root / "Isaac/IsaacLab/Environments/Grid/default_ground_plane_checker_v1/default_ground_plane.usda")
    unitree_a1(root / "Isaac/IsaacLab/Robots/Unitree/A1/a1.usd")


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def new_stage(path: Path, root: str) -> Usd.Stage:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    stage = Usd.Stage.CreateNew(str(path))
    UsdGeom.SetStageUpAxis(stage, "Z")
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    UsdPhysics.SetStageKilogramsPerUnit(stage, 1.0)
    stage.SetDefaultPrim(UsdGeom.Xform.Define(stage, root).GetPrim())
    return stage


def ground_plane(path: Path) -> None:
    stage = new_stage(path, "/World")
    UsdGeom.Xform.Define(stage, "/World/Environment").AddScaleOp().Set(Gf.Vec3f(1, 1, 1))
    mesh = UsdGeom.Mesh.Define(stage, "/World/Environment/Geometry")
    mesh.CreatePointsAttr([(-50, -50, 0), (50, -50, 0), (50, 50, 0), (-50, 50, 0)])
    mesh.CreateFaceVertexCountsAttr([4])
    mesh.CreateFaceVertexIndicesAttr([0, 1, 2, 3])
    st = UsdGeom.PrimvarsAPI(mesh).CreatePrimvar("st", Sdf.ValueTypeNames.TexCoord2fArray, UsdGeom.Tokens.faceVarying)
    st.Set([Gf.Vec2f(0, 0)] * 4)
    plane = UsdGeom.Plane.Define(stage, "/World/CollisionPlane")
    plane.CreateAxisAttr("Z")
    UsdPhysics.CollisionAPI.Apply(plane.GetPrim())
    UsdShade.Material.Define(stage, "/World/Looks/theGrid")
    shader = UsdShade.Shader.Define(stage, "/World/Looks/theGrid/Shader")
    shader.CreateInput("diffuse_tint", Sdf.ValueTypeNames.Color3f).Set(Gf.Vec3f(1, 1, 1))
    stage.Save()


def unitree_a1(path: Path) -> None:
    stage = new_stage(path, "/a1")
    UsdPhysics.ArticulationRootAPI.Apply(stage.GetPrimAtPath("/a1"))
    body(stage, "trunk", (0, 0, 0), 6.0, (0.0158, 0.0377, 0.0457))
    box(stage, "trunk", (0.267, 0.194, 0.114))
    for leg, x, y in (("FL", 1, 1), ("FR", 1, -1), ("RL", -1, 1), ("RR", -1, -1)):
        hip = (x * 0.1805, y * 0.047, 0.0)
        thigh = (hip[0], hip[1] + y * 0.0838, 0.0)
        body(stage, f"{leg}_hip", hip, 0.595, (4.7e-4, 8.5e-4, 6.3e-4))
        body(stage, f"{leg}_thigh", thigh, 0.888, (5.5e-3, 5.1e-3, 1.4e-3), (0, 0, -0.027))
        box(stage, f"{leg}_thigh", (0.0245, 0.034, 0.16), (0, 0, -0.1))
        body(stage, f"{leg}_calf", (thigh[0], thigh[1], -0.2), 0.151, (2.3e-3, 2.3e-3, 3.9e-5), (0, 0, -0.1))
        box(stage, f"{leg}_calf", (0.016, 0.016, 0.16), (0, 0, -0.09))
        body(stage, f"{leg}_foot", (thigh[0], thigh[1], -0.4), 0.06, (1e-5, 1e-5, 1e-5))
        foot = UsdGeom.Sphere.Define(stage, f"/a1/{leg}_foot/collision")
        foot.CreateRadiusAttr(0.02)
        foot.CreateDisplayColorAttr([COLORS["foot"]])
        UsdPhysics.CollisionAPI.Apply(foot.GetPrim())
        hinge(stage, f"{leg}_hip_joint", "trunk", f"{leg}_hip", hip, "X", (-46, 46))
        hinge(stage, f"{leg}_thigh_joint", f"{leg}_hip", f"{leg}_thigh", (0, y * 0.0838, 0), "Y", (-60, 240))
        hinge(stage, f"{leg}_calf_joint", f"{leg}_thigh", f"{leg}_calf", (0, 0, -0.2), "Y", (-154.5, -52.5))
        joint(stage, UsdPhysics.FixedJoint, f"{leg}_foot_fixed", f"{leg}_calf", f"{leg}_foot", (0, 0, -0.2))
    stage.Save()


def body(stage: Usd.Stage, name: str, at: Vector, mass: float, inertia: Vector, com: Vector = (0, 0, 0)) -> None:
    xform = UsdGeom.Xform.Define(stage, f"/a1/{name}")
    xform.AddTranslateOp().Set(Gf.Vec3d(*at))
    xform.AddOrientOp().Set(Gf.Quatf(1, 0, 0, 0))
    UsdPhysics.RigidBodyAPI.Apply(xform.GetPrim())
    mass_api = UsdPhysics.MassAPI.Apply(xform.GetPrim())
    mass_api.CreateMassAttr(mass)
    mass_api.CreateDiagonalInertiaAttr(Gf.Vec3f(*inertia))
    mass_api.CreateCenterOfMassAttr(Gf.Vec3f(*com))


def box(stage: Usd.Stage, name: str, size: Vector, at: Vector = (0, 0, 0)) -> None:
    cube = UsdGeom.Cube.Define(stage, f"/a1/{name}/collision")
    cube.CreateSizeAttr(1.0)
    cube.CreateDisplayColorAttr([COLORS[name.rpartition("_")[2]]])
    cube.AddTranslateOp().Set(Gf.Vec3d(*at))
    cube.AddScaleOp().Set(Gf.Vec3f(*size))
    UsdPhysics.CollisionAPI.Apply(cube.GetPrim())


def joint(stage: Usd.Stage, kind: type, name: str, parent: str, child: str, at: Vector) -> Usd.Prim:
    prim = kind.Define(stage, f"/a1/{parent}/{name}")
    prim.CreateBody0Rel().SetTargets([f"/a1/{parent}"])
    prim.CreateBody1Rel().SetTargets([f"/a1/{child}"])
    prim.CreateLocalPos0Attr(Gf.Vec3f(*at))
    prim.CreateLocalPos1Attr(Gf.Vec3f(0, 0, 0))
    prim.CreateLocalRot0Attr(Gf.Quatf(1, 0, 0, 0))
    prim.CreateLocalRot1Attr(Gf.Quatf(1, 0, 0, 0))
    return prim


def hinge(
    stage: Usd.Stage, name: str, parent: str, child: str, at: Vector, axis: str, limits_deg: tuple[float, float]
) -> None:
    prim = joint(stage, UsdPhysics.RevoluteJoint, name, parent, child, at)
    prim.CreateAxisAttr(axis)
    prim.CreateLowerLimitAttr(limits_deg[0])
    prim.CreateUpperLimitAttr(limits_deg[1])
    drive = UsdPhysics.DriveAPI.Apply(prim.GetPrim(), "angular")
    drive.CreateTypeAttr("force")
    drive.CreateStiffnessAttr(0.0)
    drive.CreateDampingAttr(0.0)
    drive.CreateMaxForceAttr(33.5)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
