package packet_test

// shardOfExample is the shard of 2^20 that the same arithmetic gives in Python.
const shardOfExample = 48997

// communityIDs: for ICMP the ports are type and code.
var communityIDs = []struct {
	proto        uint8
	src, dst     string
	sport, dport uint16
	seed         uint16
	want         string
}{
	{6, "128.232.110.120", "66.35.250.204", 34855, 80, 0, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
	{6, "66.35.250.204", "128.232.110.120", 80, 34855, 0, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
	{6, "128.232.110.120", "66.35.250.204", 34855, 80, 1, "1:3V71V58M3Ksw/yuFALMcW0LAHvc="},
	{17, "192.168.1.52", "8.8.8.8", 54585, 53, 0, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
	{17, "2001:db8::9", "2001:db8::9", 5353, 53, 0, "1:ZxYnsL7gB/+xgOuDDe366YVfEIw="},
	{6, "2001:470:e5bf:dead:4957:2174:e82c:4887", "2607:f8b0:400c:c03::1a", 63943, 25, 0, "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4="},
	{132, "192.168.170.8", "192.168.170.56", 7000, 80, 0, "1:UdnqxZmVsA4QQH0UZ/LVnwlA3hU="},
	{1, "192.0.2.1", "192.0.2.2", 8, 0, 0, "1:IOfYZQoUwQ3ZLk3+qU6KcSd9W5k="},
	{1, "192.0.2.1", "192.0.2.2", 0, 0, 0, "1:jRkPnRn6sM/8tOuyJx939fbM5A8="},
	{1, "192.0.2.1", "192.0.2.2", 3, 1, 0, "1:pRMyxe723XaSygE9L+z0m7WpPf4="},
	{1, "192.0.2.1", "192.0.2.2", 13, 0, 0, "1:0D1d3qLLjJbPHm7eAxOWjC16h9A="},
	{1, "192.0.2.1", "192.0.2.2", 9, 0, 0, "1:9LM9flOHpgAprkCoZhIZtvw2MPw="},
	{1, "192.0.2.1", "192.0.2.2", 10, 0, 0, "1:da7p2D39Us2EepricE2WQVZE1Mg="},
	{1, "192.0.2.1", "192.0.2.2", 15, 0, 0, "1:er+k8JUl6Vq2EahG340/zVJL1H4="},
	{1, "192.0.2.1", "192.0.2.2", 18, 0, 0, "1:TIon+du4PWZuBnmhn2j6va1eruM="},
	{1, "192.0.2.1", "192.0.2.2", 11, 0, 0, "1:WHNlCVRTPjXTosiT7eUOF7cDa+w="},
	{1, "192.0.2.1", "192.0.2.2", 5, 3, 0, "1:rX71XqlL1UBb3s7+d5Qng/cnuMs="},
	{1, "192.0.2.2", "192.0.2.1", 8, 0, 0, "1:jRkPnRn6sM/8tOuyJx939fbM5A8="},
	{1, "192.0.2.2", "192.0.2.1", 0, 0, 0, "1:IOfYZQoUwQ3ZLk3+qU6KcSd9W5k="},
	{1, "192.0.2.2", "192.0.2.1", 3, 1, 0, "1:EBIAE7qvAT3HwYAIi4T6COC6KV8="},
	{1, "192.0.2.2", "192.0.2.1", 13, 0, 0, "1:Kx+/9OX2debLVrz9pJ2VdSE6tS4="},
	{1, "192.0.2.2", "192.0.2.1", 9, 0, 0, "1:da7p2D39Us2EepricE2WQVZE1Mg="},
	{1, "192.0.2.2", "192.0.2.1", 10, 0, 0, "1:9LM9flOHpgAprkCoZhIZtvw2MPw="},
	{1, "192.0.2.2", "192.0.2.1", 15, 0, 0, "1:4cDXRMX71n97SouYyltCf7FbJQw="},
	{1, "192.0.2.2", "192.0.2.1", 18, 0, 0, "1:JLJsmNnVClXDr2g2IxBTJoXhG80="},
	{1, "192.0.2.2", "192.0.2.1", 11, 0, 0, "1:HhPAfuX1aIvlltqZIB5NtDYP49A="},
	{1, "192.0.2.2", "192.0.2.1", 5, 3, 0, "1:0a3EMNjuHzyuzptkY5tmjbS23NU="},
	{1, "192.0.2.1", "192.0.2.1", 8, 0, 0, "1:VvzjLzIppyRTdjrTPqO6X5e/Sj8="},
	{1, "192.0.2.1", "192.0.2.1", 0, 0, 0, "1:VvzjLzIppyRTdjrTPqO6X5e/Sj8="},
	{1, "192.0.2.1", "192.0.2.1", 3, 1, 0, "1:ZQhU00QqCky049JN5jvGqWvhht4="},
	{1, "192.0.2.1", "192.0.2.1", 13, 0, 0, "1:YS/AxtPNfeVQxhvPeBDD9FlmUso="},
	{1, "192.0.2.1", "192.0.2.1", 9, 0, 0, "1:KLAcWJIB1hZAfWxDwuIWOtGe/s4="},
	{1, "192.0.2.1", "192.0.2.1", 10, 0, 0, "1:KLAcWJIB1hZAfWxDwuIWOtGe/s4="},
	{1, "192.0.2.1", "192.0.2.1", 15, 0, 0, "1:YfAG+k73Sa6yoRT1P4eT+cNadLs="},
	{1, "192.0.2.1", "192.0.2.1", 18, 0, 0, "1:gdAZ8YhvWk5+zr2yatp+oYUOEdA="},
	{1, "192.0.2.1", "192.0.2.1", 11, 0, 0, "1:If18HkSXtbBv/PjgzYxRbEyAJ2g="},
	{1, "192.0.2.1", "192.0.2.1", 5, 3, 0, "1:zxpR0XCs0UVx73vS85ILEvsFviU="},
	{58, "fe80::1", "fe80::2", 128, 0, 0, "1:3H+V/JVcqh/phPel5utt4dOKqOU="},
	{58, "fe80::1", "fe80::2", 129, 0, 0, "1:hcQR4+TVVdHthPBS7U0F6CmEKfY="},
	{58, "fe80::1", "fe80::2", 1, 4, 0, "1:PQpOWBr5/ICePGOnTMaFJZeK2us="},
	{58, "fe80::1", "fe80::2", 135, 0, 0, "1:7IIPGNVAHI2udmsuJVpA3RMOAqc="},
	{58, "fe80::1", "fe80::2", 136, 0, 0, "1:jXSMIMhnMomSaIrNtEPXqYE5Rc4="},
	{58, "fe80::1", "fe80::2", 130, 0, 0, "1:Pmn7mCHtn19srQiXm2sF0CDRRMA="},
	{58, "fe80::1", "fe80::2", 143, 0, 0, "1:BBqcA3IcAi5LBZl53otEZnyKm8g="},
	{58, "fe80::1", "fe80::2", 144, 0, 0, "1:21qp2MlwLUEblqK3FO0+OyLBlWA="},
	{58, "fe80::1", "fe80::2", 139, 0, 0, "1:oPVhmQYL42iV9FGiMqdb38yGSeA="},
	{58, "fe80::1", "fe80::2", 133, 0, 0, "1:G1+1zlICT52MvQAxdJ77ST0zHIw="},
	{58, "fe80::2", "fe80::1", 128, 0, 0, "1:hcQR4+TVVdHthPBS7U0F6CmEKfY="},
	{58, "fe80::2", "fe80::1", 129, 0, 0, "1:3H+V/JVcqh/phPel5utt4dOKqOU="},
	{58, "fe80::2", "fe80::1", 1, 4, 0, "1:KP7k20289QLlEmMHLKdRgaeGmfo="},
	{58, "fe80::2", "fe80::1", 135, 0, 0, "1:jXSMIMhnMomSaIrNtEPXqYE5Rc4="},
	{58, "fe80::2", "fe80::1", 136, 0, 0, "1:7IIPGNVAHI2udmsuJVpA3RMOAqc="},
	{58, "fe80::2", "fe80::1", 130, 0, 0, "1:71CIB4bZAXtzNgwgtcM+4TS71z8="},
	{58, "fe80::2", "fe80::1", 143, 0, 0, "1:OwvuJx9ZGcH9+KW6Uh+JjZX2II8="},
	{58, "fe80::2", "fe80::1", 144, 0, 0, "1:VjrfcngPBA7JHuabgy0Ih8qXY0I="},
	{58, "fe80::2", "fe80::1", 139, 0, 0, "1:LKvUqbovyorzH3vEr5qb4x1R1yg="},
	{58, "fe80::2", "fe80::1", 133, 0, 0, "1:XCLrov2PmeiHiTWQcQgF6JB1ByY="},
	{47, "10.0.0.1", "10.0.0.2", 0, 0, 0, "1:+KlEHDT0vJgzs/eNmzHq0aSpRYw="},
	{89, "10.0.0.9", "10.0.0.2", 0, 0, 0, "1:lwMW3zXC8jKo1RQqeKbSMpRH4Jo="},
	{46, "2001:db8::2", "2001:db8::1", 0, 0, 0, "1:b4HZeeswj43fA1DxwGsEKgPe+WA="},
}
