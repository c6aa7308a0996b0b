//! The settings that are about the server itself, and so the same whichever way it is served.

/// Methods of a type with a field `service: Arc<Service>` that serves an `S`.
macro_rules! service_settings {
    () => {
        /// Adds a part of the server: an annotated block of another type, with a state of its own.
        ///
        /// # Panics
        /// When a tool, a resource or a prompt of the part has the name of one that is there already.
        #[track_caller]
        pub fn with<P: crate::PartOf<S>>(self, part: P) -> Self {
            if let Err(clash) = self.service.add(part) {
                panic!("{clash}");
            }
            self
        }

        /// How many items a list has at most; 1000 by default. What is more comes on further pages.
        pub fn page_size(self, items: usize) -> Self {
            self.service.set_page_size(items);
            self
        }

        /// How many tasks there may be at once; 1000 by default. A further one takes the place of one that is over, the oldest
        /// of whoever has most of those, or is an error for the client if all of them run.
        pub fn max_tasks(self, tasks: usize) -> Self {
            self.service.set_max_tasks(tasks);
            self
        }

        /// How long a task is kept, from its beginning; an hour by default. Then it ends, if it has not, and is forgotten. One
        /// that is over may be forgotten before, when there are too many.
        pub fn task_lifetime(self, lifetime: std::time::Duration) -> Self {
            self.service.set_task_lifetime(lifetime);
            self
        }

        /// Sets the keys with which the state of a request that asks its client is sealed, and what a session of an older
        /// version is; one random key by default. The first seals, and all of them open.
        ///
        /// Several instances behind one address need the same keys. To exchange one, put the new one first everywhere, after all
        /// instances have it in second place, and remove the old one when nothing sealed with it is good any more. Keys are
        /// 32 random bytes, secret like passwords. A client that brings what was sealed with other keys is a warning in the log.
        ///
        /// ```
        /// # struct Notes;
        /// # #[mcp::server]
        /// # impl Notes {
        /// #     /// List every note.
        /// #     #[mcp::tool]
        /// #     fn list_notes(&self) -> Vec<String> { vec![] }
        /// # }
        /// # let (new, old) = ([1; 32], [2; 32]);
        /// let http = mcp::Http::open(Notes).state_keys([new, old]);
        /// # let _ = http;
        /// ```
        pub fn state_keys(self, keys: impl IntoIterator<Item = [u8; 32]>) -> Self {
            self.service.set_state_keys(crate::server::StateKeys::new(keys));
            self
        }

        /// How long a client may take to answer what a request asks; 10 minutes by default. Later, it has to begin anew.
        pub fn state_lifetime(self, limit: std::time::Duration) -> Self {
            self.service.set_state_lifetime(limit);
            self
        }

        /// Limits how long a method waits for the answer to a question: on the open connection of a client before 2026-07-28, or
        /// in a task. Defaults to 10 minutes. Beyond it, the question is withdrawn, the client is told, and the method gets an
        /// error that the model reads. Between the rounds of 2026-07-28, nothing waits: see
        /// [`state_lifetime`](Self::state_lifetime).
        pub fn question_timeout(self, limit: std::time::Duration) -> Self {
            self.service.set_question_timeout(limit);
            self
        }

        /// How long the answers to a request may be together, sealed and in base64, in bytes; 256 KiB by default. A request
        /// that brings more ends with an error.
        pub fn max_state_bytes(self, bytes: usize) -> Self {
            self.service.set_max_state_bytes(bytes);
            self
        }

        /// Limits the states that are remembered because an answer in them was good [once](crate::Question::once). Defaults to
        /// 100,000. Beyond it, such an answer is refused until older states have expired; one client can use a quarter of them.
        pub fn max_used_states(self, states: usize) -> Self {
            self.service.set_max_used_states(states);
            self
        }

        /// What tells clients of changes, and makes some.
        #[must_use]
        pub fn changes(&self) -> crate::Changes {
            crate::Changes::new(&self.service)
        }
    };
}
pub(super) use service_settings;
