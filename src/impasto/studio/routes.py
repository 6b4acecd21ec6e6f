"""Routes: what is answered beside Gradio's page: uploads, pictures, and how a painting grows.

It imports Gradio, so `server` imports it late: what Gradio reads of the environment is set before.
"""

# pyright: reportUnknownMemberType=false

from __future__ import annotations

import gradio as gr
from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException

from impasto.errors import PictureError
from impasto.studio import look, page, stage, widgets
from impasto.studio.desk import Desk
from impasto.studio.door import owner_in


def application(at: Desk) -> FastAPI:
    """The routes, and Gradio's page behind them."""
    routes = Routes(at)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_route("/gradio_api/upload", routes.upload, methods=["POST"])
    app.add_route("/studio/growing/{seen}", routes.growing, methods=["GET"])
    app.add_route("/studio/{what}/{key}", routes.picture, methods=["GET"])
    return gr.mount_gradio_app(
        app,
        page.build(at),
        path="/",
        footer_links=["api"],
        run_history=False,
        show_error=True,
        ssr_mode=False,
        enable_monitoring=False,
        mcp_server=False,
        pwa=False,
        theme=look.theme(),
        css=widgets.CSS.read_text(encoding="utf-8"),
        head=look.HEAD,
    )


class Routes:
    """Each answers one request. Whose it is, the cookie says."""

    def __init__(self, at: Desk) -> None:
        self.at = at

    async def upload(self, request: Request) -> Response:
        owner = owner_in(request.headers)
        paths: list[str] = []
        try:
            async with request.form(max_files=4, max_fields=4) as form:
                for file in form.getlist("files"):
                    if isinstance(file, UploadFile):
                        data = await file.read(self.at.limits.upload + 1)
                        name = file.filename or ""
                        path = await run_in_threadpool(self.at.incoming.put, data, name, owner)
                        paths.append(str(path))
        except PictureError as error:
            return PlainTextResponse(str(error), 400)
        except MultiPartException as error:
            return PlainTextResponse(f"this is no upload: {error}", 400)
        return JSONResponse(paths)

    async def picture(self, request: Request) -> Response:
        """A picture of the session that asks, as it is seen or as a file with its recipe."""
        session = self.at.registry.there(owner_in(request.headers))
        try:
            if session is None:
                raise KeyError
            found = session.find(request.path_params["key"])
        except KeyError:
            return _gone()
        private = {"cache-control": "private, max-age=3600"}
        if request.path_params["what"] == "view":
            return Response(found.view, media_type="image/jpeg", headers=private)
        if found.recipe is None or not found.path.exists():
            return _gone()
        return FileResponse(
            found.path, media_type="image/png", filename=found.name, headers=private
        )

    def growing(self, request: Request) -> Response:
        """What the stage asks several times a second while something is painted."""
        session = self.at.registry.there(owner_in(request.headers))
        seen = request.path_params["seen"]
        seen = int(seen) if seen.isdecimal() and len(seen) < 16 else 0
        found = {"over": True} if session is None else stage.growing(self.at, session, seen)
        return JSONResponse(found, headers={"cache-control": "no-store"})


def _gone() -> Response:
    return PlainTextResponse("this picture isn't here (any more)", 404)
