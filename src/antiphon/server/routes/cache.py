"""`/antiphon/v1/cache`. Who may call at all may ask after the requests of its organisation; the rest administrators."""

from fastapi import APIRouter, Request, Response

from antiphon.features.cache import CachedPrompts
from antiphon.server.exchange import admin_of, caller_of
from antiphon.server.openapi import operation
from antiphon.server.routes.answering import encoded
from antiphon.wire.cache import CacheEntriesDeleted, CacheEntry, CacheEntryChange, CacheEntryList, CacheExplanation
from antiphon.wire.reading import read

_ENTRIES = "/antiphon/v1/cache/entries"


def cache_routes(cache: CachedPrompts) -> APIRouter:
    """Return the routes of the prompt cache."""
    router = APIRouter(tags=["Prompt cache"])

    @router.get("/antiphon/v1/cache/requests/{request_id}", openapi_extra=operation(CacheExplanation))
    async def explain_request(request: Request, request_id: str) -> Response:
        """Tell what a request found in the cache, and why not more."""
        return encoded(await cache.explain(caller_of(request), request_id))

    @router.get(_ENTRIES, openapi_extra=operation(CacheEntryList))
    async def list_entries(
        request: Request, organization: str | None = None, after: str | None = None, limit: int = 20
    ) -> Response:
        """List what is kept, the most recently used first."""
        admin_of(request)
        return encoded(cache.list(organization=organization, after=after, limit=limit))

    @router.delete(_ENTRIES, openapi_extra=operation(CacheEntriesDeleted))
    async def delete_entries(request: Request, organization: str | None = None) -> Response:
        """Free everything that is kept, or what is kept for one organisation."""
        admin_of(request)
        return encoded(await cache.delete_all(organization))

    @router.delete(_ENTRIES + "/{entry_id}", openapi_extra=operation(CacheEntriesDeleted))
    async def delete_entry(request: Request, entry_id: str) -> Response:
        """Free one entry."""
        admin_of(request)
        return encoded(await cache.delete(entry_id))

    @router.post(_ENTRIES + "/{entry_id}", openapi_extra=operation(CacheEntry, request=CacheEntryChange))
    async def alter_entry(request: Request, entry_id: str) -> Response:
        """Pin an entry, or say how long it stays after its last use."""
        admin_of(request)
        return encoded(await cache.alter(entry_id, read(CacheEntryChange, await request.body())))

    return router
