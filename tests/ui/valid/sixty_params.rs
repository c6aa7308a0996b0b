#![deny(warnings)]
#![allow(clippy::too_many_arguments)]
struct S;
#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes:read"],
    optional_scopes = ["notes:write"],
)]
impl S {
    /// Do it.
    #[mcp::tool]
    async fn a(
        &self,
        p0: Option<u32>,
        p1: Option<u32>,
        p2: Option<u32>,
        p3: Option<u32>,
        p4: Option<u32>,
        p5: Option<u32>,
        p6: Option<u32>,
        p7: Option<u32>,
        p8: Option<u32>,
        p9: Option<u32>,
        p10: Option<u32>,
        p11: Option<u32>,
        p12: Option<u32>,
        p13: Option<u32>,
        p14: Option<u32>,
        p15: Option<u32>,
        p16: Option<u32>,
        p17: Option<u32>,
        p18: Option<u32>,
        p19: Option<u32>,
        p20: Option<u32>,
        p21: Option<u32>,
        p22: Option<u32>,
        p23: Option<u32>,
        p24: Option<u32>,
        p25: Option<u32>,
        p26: Option<u32>,
        p27: Option<u32>,
        p28: Option<u32>,
        p29: Option<u32>,
        p30: Option<u32>,
        p31: Option<u32>,
        p32: Option<u32>,
        p33: Option<u32>,
        p34: Option<u32>,
        p35: Option<u32>,
        p36: Option<u32>,
        p37: Option<u32>,
        p38: Option<u32>,
        p39: Option<u32>,
        p40: Option<u32>,
        p41: Option<u32>,
        p42: Option<u32>,
        p43: Option<u32>,
        p44: Option<u32>,
        p45: Option<u32>,
        p46: Option<u32>,
        p47: Option<u32>,
        p48: Option<u32>,
        p49: Option<u32>,
        p50: Option<u32>,
        p51: Option<u32>,
        p52: Option<u32>,
        p53: Option<u32>,
        p54: Option<u32>,
        p55: Option<u32>,
        p56: Option<u32>,
        p57: Option<u32>,
        p58: Option<u32>,
        p59: Option<u32>,
    ) -> String {
        let mut t = 0;
        t += p0.unwrap_or(0);
        t += p1.unwrap_or(0);
        t += p2.unwrap_or(0);
        t += p3.unwrap_or(0);
        t += p4.unwrap_or(0);
        t += p5.unwrap_or(0);
        t += p6.unwrap_or(0);
        t += p7.unwrap_or(0);
        t += p8.unwrap_or(0);
        t += p9.unwrap_or(0);
        t += p10.unwrap_or(0);
        t += p11.unwrap_or(0);
        t += p12.unwrap_or(0);
        t += p13.unwrap_or(0);
        t += p14.unwrap_or(0);
        t += p15.unwrap_or(0);
        t += p16.unwrap_or(0);
        t += p17.unwrap_or(0);
        t += p18.unwrap_or(0);
        t += p19.unwrap_or(0);
        t += p20.unwrap_or(0);
        t += p21.unwrap_or(0);
        t += p22.unwrap_or(0);
        t += p23.unwrap_or(0);
        t += p24.unwrap_or(0);
        t += p25.unwrap_or(0);
        t += p26.unwrap_or(0);
        t += p27.unwrap_or(0);
        t += p28.unwrap_or(0);
        t += p29.unwrap_or(0);
        t += p30.unwrap_or(0);
        t += p31.unwrap_or(0);
        t += p32.unwrap_or(0);
        t += p33.unwrap_or(0);
        t += p34.unwrap_or(0);
        t += p35.unwrap_or(0);
        t += p36.unwrap_or(0);
        t += p37.unwrap_or(0);
        t += p38.unwrap_or(0);
        t += p39.unwrap_or(0);
        t += p40.unwrap_or(0);
        t += p41.unwrap_or(0);
        t += p42.unwrap_or(0);
        t += p43.unwrap_or(0);
        t += p44.unwrap_or(0);
        t += p45.unwrap_or(0);
        t += p46.unwrap_or(0);
        t += p47.unwrap_or(0);
        t += p48.unwrap_or(0);
        t += p49.unwrap_or(0);
        t += p50.unwrap_or(0);
        t += p51.unwrap_or(0);
        t += p52.unwrap_or(0);
        t += p53.unwrap_or(0);
        t += p54.unwrap_or(0);
        t += p55.unwrap_or(0);
        t += p56.unwrap_or(0);
        t += p57.unwrap_or(0);
        t += p58.unwrap_or(0);
        t += p59.unwrap_or(0);
        t.to_string()
    }
}
fn main() {
    let _ = mcp::Http::protected(S, mcp::StaticTokens::new([("t", mcp::AccessToken::ours("c"))]));
}
