#![deny(warnings)]

macro_rules! srv {
    ($n:ident, $i:literal, $r:literal, $s:literal, $d:literal) => {
        struct $n;
        #[mcp::server(
                    issuer = $i,
                    resource = $r,
                    scopes = [$s],
                )]
        impl $n {
            #[doc = $d]
            #[mcp::tool]
            async fn hello(&self) -> String {
                String::new()
            }
        }
    };
}
srv!(S, "https://auth.example.com", "https://mcp.example.com/mcp", "notes:read", "Say hello.");
fn main() {
    let _ = mcp::Http::protected(S, mcp::StaticTokens::new([("t", mcp::AccessToken::ours("c"))]));
}
