"""Images that a request names: fetched where it is safe to, and checked to be images before any engine sees them.

A caller can make the server connect to wherever a URL points, so every address is checked before it is connected to,
and a picture can unpack to gigabytes, so its size is known before it is decoded. This package must never know what an
image is for, nor keep one.
"""
