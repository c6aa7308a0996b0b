//! RSA keys for tests, because ring cannot generate any.
//!
//! **These private keys are public.** A server that trusts one of them trusts everyone who has read this file. They were
//! generated for it (`openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048`) and protect nothing.

/// The keys as PKCS #8 in Base64: two of issuers, one of strangers.
pub(super) const RSA_KEYS: [&str; 3] = [
    "\
     MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC/R0rNNHab6vmPkxZY+VSTv6crSwJQLnR/bCA29m6cAImmxEGFna2bw/E6Jrfq\
     tQAw/3c02nV0xv9fWNn23gHSx/XBo9/7XQZY/dfjWdluxvleBo9+A4/wQdW4oS2mw5t2yKIY5gGfaZFKBv+78N9HKRNH4wQ3cDPDIdrYh/VZ1An7\
     qOD7wE+snfnJgg9N3mK8K2/WD9qKXFPcqtUoVM0/I3Zp0Tox/jZUrquUUSs+SxNQQzreLA79IfptHwzcFnxCu+kDbnmsUmFJ6qvxXsVsGBUluZ1m\
     K78P/VuPdbfjmP/rgiv7t2cFcYzCQvQ5Z9ZJXGdzrshG4JRaN5Wnnvq3AgMBAAECggEAAOo8491n4dgOaI7qEPPkYS6OBKl/sdV/Dir8vnaQUeO4\
     xNj0fUijT3bw/Pe5coB6J0HZlqGi5TOcfh7FMCaguJrnRI1doWyw/pT8RuSjoyGFiNscLZyjwCD4fkEbIEyYPkm4aMkU4efV35ZH++SrlMIQCwx9\
     dSxuuvS7AMUpucvFPAWADMHTAXCYtmQi2k2siG5ASAHiRHnc/nY4XM/MmSly+iDdqm3+3AF1Ahc6Cj/teVX/OuMI08Ri+W2Ks4vJ30aTeisBlytT\
     5mzqDpbPiUt43uqB2cLjwqiyORxMg178BiBSoDxUH+VmxiRHE1GHLGBCI6C32io49ndImub42QKBgQD7iqd1O8sEbd6/rr2suTgu7k8GVXrRf3SK\
     xH6YQTfr2c7apeqM6iSyyg/8HEFHzpMS6T2revUzwsmVKghwCZE1zkQ37DsT0zhPX8+S5RQznZor51r8ES0phZhQvNGTmqe/Hr/Tg7Oh/zw0jSZ1\
     8YmgYYsXVhyDeQJPynIDdSWvrwKBgQDCqzMsqZrYtRGT8G2gsMy3MG+iC0RgiCUN1KEnPLjsCw8VyBy9Xv2dq9dtSVMmam/1klMU/o7feQxBe9P0\
     iKCymaodFs5WmREH6J/OvF+yys9vQVPL+8pODKz/jGWSYqq0QagCRWxoKHvXJsdkEkwMVoVbpAQy70mLc2X473NfeQKBgEGYHKcDmqNjC00tAiVC\
     f5YtasoaDFcJR5jQOLr3dt+4AqsdzRZGEJ/W9Wgm7hcNlWi/DefjvoFq8CpHtb+Rnx5K1ZtHrPg0gmCgeX6y4hu7o3KDeER3LjG/tsKHGpfFIq1C\
     FX/Qvk0mQ8roa/khrWP3S9AgEntuWN35ytV//P3dAoGAbaRfPliIjmXtcJWKKWdq5gKx3WLbMEN+GzwXSDI7NTdFV89N4JsP3S5cN4GFA64PQREZ\
     GkoFzngvHvLPfns1h2JlHd0qejvcC8hJufb/L4RrMQ5qVAmM+EjLZ2N8EebgnoYcSqsvU7r5hUSiKQrlKk3Q7ryCYO3FTnXAiWTUZoECgYEA2k8+\
     nO8ZQnPK4POhVqS2x7Lmlis1N5MPm3nZ95NO1qOgsEt3K8dF3og5NCj/YFjBct8uYmt3B3f7tQuGjpEyhvafXmBLafqGwQ1YpHSrUbgXl8D+XaSD\
     u6/bzp0dSQ+Fbu1MybSfZ3g6RmcOf8un+xvkBCWBvU4S8MKngYIuOh8=",
    "\
     MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQCVdQDx+DAlr423ex/jYiK+V3FDveghu1INWo58gzjAoSAs81sGTQQt436mNzYM\
     mTL+twPjuOBiWG605gfoiMVzGvqExti7g1JQrGBcuuqX2/W6ngef/EDM5/k3nVFU/j+28ipCHyO8AwWJ3xYg3j8llOXRzai+McnFN+/zaYto1G4L\
     MK9N4+jK6mI4QPnPBkkuEkhSbMWm6jPAxKr+bHa7NYIpcFbVaLMOZiMoXU9F1Cned9EhFy4kBw3+H3jM/KApYjNrXNeAb/ZFWmWOhE8vMlDDlaGh\
     C/CyC4vl5AOp16j3j74woKZKn/Is5V8L1Z0BSuwhMZSP+0Gxv79FIoE9AgMBAAECggEACoTQGreZh+V5p2q6fVHoWRYlahuhDVK2PStc8OV5ZpFQ\
     hulfxCtCeopS3RbwrmVP4f52fx4BaNqJfCDeeJ67qtTAwfyOv2/IKNZg99XN8f8wpcA+kCN8Wg+Pijr/wOgeCt2zXLD9XlumFaSGVazeq+H1ZNVB\
     JZWyejdsI2kPv0JspdkVtVlhTbQy8xcjHJ9Pfp21zCDM34beljl86RgbHR+kxTCbrasUh1asziKaQoWQLuHS/vqo6ZxncO8xq/fEkUUUFAX3BkFa\
     xx9AdaifCcLHG+alYOuNfzlJuLYXLdvlOyllpLa3h7zUW2QBoeM/zJ/MfAfbQVP2YjT1ahRt8QKBgQDNCcZerK+LZsSsw31YZYUk7jX+6wLYdaI7\
     PjMYq4QHp204QHKLEPkzhm3RpHcUpAGcAyZY8i8FA8Rlz4PhF3ZAXIZQETCxSySXbhaN7ncAG9tBBwpsJeY3c7oCj5+cccSgx+zPCvOgrZ3MUwIK\
     axx3waN+mL1nxCd+RzCqKKxx+QKBgQC6mrJ2rfcG/6l15BhXlLdxdLbT//QuKpuFj77977nibJH8jOvgV84W3C6XPEeq4HAVVqtqinKdYuZiEKhE\
     zw8SdP4AilFG6fxcyeM1u5OAD+Gn0/qcw/DySJIINo8Ay0mc0McMchvmbJBA+qQyTl2kIbu8PlAVTxNpYjb3o0haZQKBgD+B1pJ+dET+SM6mIk3d\
     6/Z7XfgePJxlGyG0a0kp3tQsFJVGyPOwBy/hZGR5x3R6NBFpnFgSc2PfPda3BscSaEsZHXTxTh6sAqJws8W0ZeF/v1KN5rmGp57nVmbyq2JejqOq\
     KPwcDUfoXqbp0wj9Ei05qfVNQ+U/CWiAjl82B+upAoGAUIq64sy9pdCt1QupkgvHjfnhe+mq/E45qFFeD37sTZWtAUPV/5QGiQlqNq63BEMxPZSW\
     EjtFszbf1433AxQYHlBO3e7Vm/UcjvQ41JVs2caBEI5HSmisU/cMyOy7lo0n7b6TW4TZFADh1poYSvpWIqTIwjxnFnt2FnNk5Egez50CgYAiHe3f\
     E94Uo7l9PNxl7i9Hc9lFIBj4tl3rP101FG/PPO5YCpLlhxWa1Nghp+bkE7u8vUt68IRC7rkCPjUZYsAa3FtzAEY4efbi0ndaVp3bP1jBiwV52poU\
     LMCz+7pRtK8T2U+BNtEL0YHMNc/+SsDVtoTihAZqAfHF4Al4sDtsIg==",
    "\
     MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCtQZ3eOyqc7w13jukGn2OBq9MP01DkuEJhFkM+8/S3ZZzDBOyRVM8vhN2e74Fl\
     +mJcYY0GVI2Y9i4KoDzSuFdEVLOeEekCzzZrGAtkV6JzC9KHsOvWk5nfAYrZjgfgaFUAbkK8YVo9FykrZyuzX9hSzBkQrDauAVxKWc4gSKu3qwMp\
     X5klWH5LUml39tO8TfMI6Rv49qEZdDiSKzxJaQWj/tsI12x6W7ciUmt/apUs3BMGV5DMNOaZ4Az9+na0VXlxrbODXLUiTf0lYyGhnyeosCDPeLNM\
     5HHWMWje4CXbUjrJP6LcuJVXX6i98IXhRbpCsQFn9cIxGn7B5UaNmA0pAgMBAAECggEAFSfegYzi+q+8Cr3SGYNr8KENEDEi/xK61EUWKAE9AAnx\
     1uRqiKJ8/BXyw94GBHBLA3HL+RppAeUJoTWIx8hHq6nWFvaj57pqsDAK8BE9XmPyrKv/WD/EubTkAgW0U4QZ4QgVsRAIJ06FMe4SqYAKF64hX2ZP\
     9PZokRGfOFT3VuFgq+REBu65Rc9QXjbtHAUhhwY/OFiMYnF/oj6FBOGlJRx3nc1rbKZpvxQX58j4pm22SBDXFYM3mmXBE/aJeUisuJfYRpCepTlT\
     X3rn+CqYshh42OjSrh6rn4NaKB6v9ATkvS+Lh7gA8DiYxZbkLvhFWBkIiEtQpF+htZtlHdPJiwKBgQDrf0/Iqt+6XG1xnvCoYUB88d0H873VG8/1\
     PZZHolq++OTiqo7K2hkhfpMeNGiz5xWqrppAuH8Y/6Fq7jk0sCuXtYL7a9RFB54gZievDuGKAQqAepMYpUZgiu2KCcYBJEiG2rOjutVG7n9vw6qz\
     0scoTOqKiiWAa9lqa9tqdst8SwKBgQC8VxkDm6tZ2m8cfcuRvcxLz23Ekfw7fgFZ+Le4ayY0J2k32AVAzljODeUtuQZga4cTn9M4nfYZbl/7wSr0\
     cjyII3HKAlvileGiuS1bib/X81R4MB5yjp8+UGZ6aq0msRe440LkfgSebOvmLnmmz4HvYASZygAl4py+f9BqHhiL2wKBgGo8w8RV+Zn76k+QkSaU\
     wN/cyIa22ZOS+Wy7/NiSEHgIllD++m3el+m5TSsaH4XRIMAgBmxeDtA7OhmgIGR5eSD2fIFpspf1iMs66noZr3tvXsp5AXTj0mzpH6HfKNkJAkL7\
     1IBvX5mhLBJCZfa7hqbSlBgtnB9kB+/vekt8De4jAoGBAKye27Nd42BYf0xK0+EBZ5T4SnBHKTrR06VF/AWQV5Snpp1jZfUu61/4hlww4HJRO521\
     +B9FUEGg02JoetlPNsHEUs/G97amjwbY2IS0rVvdj0cVO2Ld64Buqm57BbaXy9lOmonYIp2d0VzIrgFA4aOniq/138rZd7Z2aWxJp0/PAoGBALY9\
     w/vn46h1H4186WHdwjeNadSvIkiak7bdMtk8mntjbN8OM4BI5lOUvSvZp6DDcI36RwBUFN9NkP9qpCwn6F6VGiEvLBc4fmq6GzvLubdMEQ56mnJL\
     iZCrxW+gh+RpLmAGZfwieArYiw8pNPhK6LjyUXsOzDxefp5QdmLsc1yi",
];
