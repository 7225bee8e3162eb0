"""Small pictures, made by the same library that a user's were."""

from io import BytesIO

from PIL import Image


def picture(kind: str = "PNG", size: tuple[int, int] = (8, 6), mode: str = "RGB") -> bytes:
    """An image of one colour."""
    data = BytesIO()
    Image.new(mode, size, 0).save(data, kind)
    return data.getvalue()


def moving_picture(kind: str = "GIF") -> bytes:
    """An image of two frames."""
    data = BytesIO()
    frames = [Image.new("RGB", (8, 6), colour) for colour in ("red", "blue")]
    frames[0].save(data, kind, save_all=True, append_images=frames[1:])
    return data.getvalue()
