"""A person with a browser, who logs in as alice, agrees to everything, and goes where links lead.

    person.py URL

is what the variable `BROWSER` names for programs that open one. Other programs here call `visit`.
"""

import asyncio
import html.parser
import sys
from urllib.parse import urljoin

import httpx2

ANSWERS = {"text": "alice", "password": "alice-password"}
REQUEST_SECONDS = 30
# Some clients open the browser and only then listen for what it comes back with, which a login by hand gives them time for.
RELOADS = 60
RELOAD_SECONDS = 0.5
# From the authorization endpoint back to the client: log in, consent, and what is redirected between them.
MOST_PAGES = 20


async def visit(url, until=None):
    """Opens a page, and submits the forms on it and on those that follow.

    Gives the address at which there is none any more, or that starts with `until`, which is not opened.
    """
    async with httpx2.AsyncClient(timeout=REQUEST_SECONDS) as browser:
        request = browser.build_request("GET", url)
        for _ in range(MOST_PAGES):
            if until and str(request.url).startswith(until):
                return str(request.url)
            page = await load(browser, request)
            print(request.method, page.url.copy_with(query=None), page.status_code, file=sys.stderr)
            if page.is_redirect:
                request = browser.build_request("GET", page.url.join(page.headers["location"]))
                continue
            if page.is_error:
                raise AssertionError(f"{page.url.copy_with(query=None)} says {page.status_code}: {page.text}")
            if page.url.params.get("callback_url"):
                request = await glewlwyd(browser, page.url)
                continue
            form = Form.of(page)
            if form is None:
                return str(page.url)
            headers = {"origin": f"{page.url.scheme}://{page.url.netloc.decode()}", "referer": str(page.url)}
            request = browser.build_request("POST", form.action, data=form.fields, headers=headers)
    raise AssertionError(f"after {MOST_PAGES} pages there is still another one")


async def glewlwyd(browser, url):
    """What its page, which is a program, asks its server for when a person logs in and agrees; and where it goes then."""
    api, asked = url.join("api/"), url.params
    credentials = {"username": ANSWERS["text"], "password": ANSWERS["password"]}
    for response in [
        await browser.post(api.join("auth/"), json=credentials),
        await browser.put(api.join(f"auth/grant/{asked['client_id']}"), json={"scope": asked["scope"]}),
    ]:
        if response.is_error:
            raise AssertionError(f"{response.url} says {response.status_code}: {response.text}")
    return browser.build_request("GET", f"{asked['callback_url']}&g_continue")


async def load(browser, request):
    """Where nobody listens, a browser says so, and a person reloads the page."""
    for _ in range(RELOADS):
        try:
            return await browser.send(request)
        except httpx2.ConnectError as error:
            refused = error
            await asyncio.sleep(RELOAD_SECONDS)
    raise refused


class Form(html.parser.HTMLParser):
    """The first form of a page, filled in."""

    def __init__(self, url):
        super().__init__()
        self.url, self.action, self.fields, self.inside = url, None, {}, False

    @staticmethod
    def of(page):
        form = Form(str(page.url))
        if "html" in page.headers.get("content-type", ""):
            form.feed(page.text)
        return form if form.action else None

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "form" and self.action is None and attributes.get("method", "").lower() == "post":
            self.action, self.inside = urljoin(self.url, attributes.get("action") or self.url), True
        elif tag == "input" and self.inside and attributes.get("name"):
            # A button that has a name is the one that agrees.
            value = ANSWERS.get(attributes.get("type", "text"), attributes.get("value", ""))
            self.fields[attributes["name"]] = value

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = False


if __name__ == "__main__":
    asyncio.run(visit(sys.argv[1]))
