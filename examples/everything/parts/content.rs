//! Tools that return each kind of content.

use mcp::{AudioContent, EmbeddedResource, Error, ImageContent, TextContent};

/// A red dot.
pub(crate) const PIXEL: &[u8] = include_bytes!("pixel.png");
/// A very short one.
const SILENCE: &[u8] = include_bytes!("silence.wav");

pub(crate) struct Content;

#[mcp::part(of = crate::Everything)]
impl Content {
    /// Return a picture.
    #[mcp::tool(read_only)]
    fn test_image_content(&self) -> ImageContent {
        ImageContent::new(PIXEL, "image/png")
    }

    /// Return a sound.
    #[mcp::tool(read_only)]
    fn test_audio_content(&self) -> AudioContent {
        AudioContent::new(SILENCE, "audio/wav")
    }

    /// Return a resource as a part of the result.
    #[mcp::tool(read_only)]
    fn test_embedded_resource(&self) -> EmbeddedResource {
        EmbeddedResource::text("test://embedded-resource", "This is an embedded resource content.")
            .mime_type("text/plain")
    }

    /// Return a text, a picture and a resource together.
    #[mcp::tool(read_only)]
    fn test_multiple_content_types(&self) -> Vec<mcp::Content> {
        vec![
            TextContent::new("Multiple content types test:").into(),
            ImageContent::new(PIXEL, "image/png").into(),
            EmbeddedResource::text("test://mixed-content-resource", r#"{"test":"data","value":123}"#)
                .mime_type("application/json")
                .into(),
        ]
    }

    /// Fail, so that the model learns why.
    #[mcp::tool(read_only)]
    fn test_error_handling(&self) -> Result<String, Error> {
        Err(Error::tool("This tool intentionally returns an error for testing"))
    }
}
