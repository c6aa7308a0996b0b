#![deny(warnings)]

use std::marker::PhantomData;
struct S<T, const N: usize>(PhantomData<T>);
#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes:read"],
    optional_scopes = ["notes:write"],
)]
impl<T: Send + Sync + 'static, const N: usize> S<T, N>
where
    T: Clone,
{
    /// Do it.
    #[mcp::tool]
    fn a(&self) -> String {
        N.to_string()
    }
}
fn main() {
    let _ = mcp::Http::protected(S::<u8, 3>(PhantomData), mcp::StaticTokens::new([("t", mcp::AccessToken::ours("c"))]));
}
