struct Caller(String);

impl mcp::FromRequest for Caller {
    async fn from_request(request: &mcp::Request<'_>) -> Result<Self, mcp::Denied> {
        let name = std::rc::Rc::new(request.token().map(|token| token.client_id.clone()));
        std::future::ready(()).await;
        Ok(Self(name.as_deref().unwrap_or_default().to_owned()))
    }
}

fn main() {}
