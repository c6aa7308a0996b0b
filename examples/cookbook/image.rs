//! An image as a result, in a list of contents.

use mcp::{Content, ImageContent, MemoryClient};

/// A PNG with one transparent pixel.
const PIXEL: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\
    \0\0\0\nIDATx\x9cc\0\x01\0\0\x05\0\x01\r\n-\xb4\0\0\0\0IEND\xaeB`\x82";

struct Pictures;

#[mcp::server]
impl Pictures {
    /// Draw a pixel.
    #[mcp::tool]
    fn draw(&self) -> Vec<Content> {
        vec!["A pixel:".into(), ImageContent::new(PIXEL, "image/png").into()]
    }
}

pub(crate) async fn run() -> crate::Outcome {
    let result = MemoryClient::new(Pictures).call_tool("draw", ()).await?;
    assert!(matches!(&result.content[..], [Content::Text(_), Content::Image(_)]));
    Ok(())
}
