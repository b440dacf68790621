"""What the virtual camera films in one clip."""

from PIL import Image

from ttv_dagster.engines.animatic.camera import Camera, Pose, homography
from ttv_dagster.engines.animatic.plate import Plate

_DISSOLVE_SHARE = 0.4
_DISSOLVE_SECONDS = 1.5


class Shot:
    """One move of the camera, from one image or across two."""

    def __init__(self, leaving: Plate, arriving: Plate | None, camera: Camera, frames: int, seconds: float) -> None:
        """Film `leaving`, and dissolve to `arriving`, where there is one, at the end."""
        self._leaving, self._arriving, self._camera = leaving, arriving, camera
        self._last = frames - 1
        self._dissolve = int(min(_DISSOLVE_SHARE, _DISSOLVE_SECONDS / seconds) * self._last) + 1

    def film(self, frame: int) -> Image.Image:
        """The image area of a frame, an RGB image of the plates' size."""
        if self._arriving is None:
            return self._seen(self._leaving, self._camera.pose(frame))
        x = 1.0 - min((self._last - frame) / self._dissolve, 1.0)
        share = x * x * (3 - 2 * x)
        if share <= 0.0:
            return self._seen(self._leaving, self._camera.pose(frame))
        arriving = self._seen(self._arriving, self._camera.pose(frame, arriving=True))
        if share >= 1.0:
            return arriving
        return Image.blend(self._seen(self._leaving, self._camera.pose(frame)), arriving, share)

    @staticmethod
    def _seen(plate: Plate, pose: Pose) -> Image.Image:
        return plate.film(homography(pose, *plate.size))
