use mcp::Fields;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Review {
    code: String,
}

struct Reviews;

#[mcp::server]
impl Reviews {
    /// Review code.
    #[mcp::prompt]
    fn review(&self, review: Fields<Review>) -> String {
        review.code.clone()
    }
}

fn main() {}
