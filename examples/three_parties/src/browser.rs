//! A browser without a screen, and its person, who signs in and consents.

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, RequestBuilder, Response};
use url::Url;

use crate::narrate::Party;
use crate::{Outcome, http};

const MOST_PAGES: usize = 10;

pub(crate) struct Browser {
    http: Client,
    /// The cookie of the authorization server, the only one that sets any.
    cookie: Option<String>,
    name: &'static str,
    password: &'static str,
}

impl Browser {
    /// Creates the browser of a person.
    pub(crate) fn of(name: &'static str, password: &'static str) -> Outcome<Self> {
        let http = http::builder(Party::Browser).build()?;
        Ok(Self { http, cookie: None, name, password })
    }

    /// Opens an address, and fills in the forms until there are none.
    pub(crate) async fn open(&mut self, address: &str) -> Outcome {
        let mut at = Url::parse(address)?;
        let mut request = self.http.get(at.clone());
        for _ in 0..MOST_PAGES {
            let response = self.send(request).await?;
            if let Some(location) = response.headers().get(LOCATION) {
                at = at.join(location.to_str()?)?;
                request = self.http.get(at.clone());
                continue;
            }
            let status = response.status();
            let page = response.text().await?;
            if !status.is_success() {
                return Err(format!("the browser was shown a page with the status {status}").into());
            }
            let Some(form) = Form::first_in(&page) else { return Ok(()) };
            let Some(fields) = self.fill(&form) else { return Ok(()) };
            at = at.join(form.action)?;
            request = self.http.post(at.clone()).form(&fields);
        }
        Err("the browser was sent around in circles".into())
    }

    async fn send(&mut self, request: RequestBuilder) -> Outcome<Response> {
        let request = match &self.cookie {
            Some(cookie) => request.header(COOKIE, cookie),
            None => request,
        };
        // Its URL may have a code in it.
        let response = request.send().await.map_err(reqwest::Error::without_url)?;
        if let Some(cookie) = response.headers().get(SET_COOKIE) {
            self.cookie = cookie.to_str()?.split(';').next().map(str::to_owned);
        }
        Ok(response)
    }

    /// Fills in a form of the authorization server: the hidden fields, and the person's.
    fn fill<'a>(&'a self, form: &Form<'a>) -> Option<Vec<(&'a str, &'a str)>> {
        let mut fields = form.hidden.clone();
        match form.action {
            "/login" => fields.extend([("username", self.name), ("password", self.password)]),
            "/consent" => fields.push(("decision", "allow")),
            _ => return None,
        }
        Some(fields)
    }
}

/// The first form in a page of this example. Its parser is not one for HTML in general.
pub(crate) struct Form<'a> {
    pub(crate) action: &'a str,
    pub(crate) hidden: Vec<(&'a str, &'a str)>,
}

impl<'a> Form<'a> {
    pub(crate) fn first_in(page: &'a str) -> Option<Self> {
        let form = between(page, "<form", "</form>")?;
        let fields = form.split("<input type=\"hidden\"").skip(1);
        let hidden = fields.filter_map(|field| Some((attribute(field, "name")?, attribute(field, "value")?))).collect();
        Some(Self { action: attribute(form, "action")?, hidden })
    }
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    between(tag, &format!(" {name}=\""), "\"")
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    Some(rest.split_once(end)?.0)
}
