#include "go_asm.h"
#include "textflag.h"

DATA lanes<>+0(SB)/8, $0
DATA lanes<>+8(SB)/8, $1
DATA lanes<>+16(SB)/8, $2
DATA lanes<>+24(SB)/8, $3
DATA lanes<>+32(SB)/8, $4
DATA lanes<>+40(SB)/8, $5
DATA lanes<>+48(SB)/8, $6
DATA lanes<>+56(SB)/8, $7
GLOBL lanes<>(SB), RODATA|NOPTR, $64

// func rank512(ranks *[blockRows]uint16, rows *float64, stride, n int, k *coded, zero float64)
TEXT ·rank512(SB), NOSPLIT, $0-48
	MOVQ ranks+0(FP), DI
	MOVQ rows+8(FP), SI
	MOVQ stride+16(FP), DX
	MOVQ n+24(FP), CX
	MOVQ k+32(FP), R8

	SHLQ $3, DX                             // in bytes
	VPBROADCASTQ DX, Z18
	VPMULLQ lanes<>(SB), Z18, Z18           // where the values of 8 rows lie
	MOVQ $1, AX
	VPBROADCASTQ AX, Z20                    // 1, 2, 4, 8
	VPADDQ Z20, Z20, Z19
	VPADDQ Z19, Z19, Z21
	VPADDQ Z21, Z21, Z23
	VPSUBQ Z20, Z21, Z22                    // 3
	VPSUBQ Z20, Z23, Z24                    // 7
	VPXORQ Z25, Z25, Z25                    // 0
	VPTERNLOGQ $255, Z26, Z26, Z26
	VPSLLQ $63, Z26, Z27                    // the sign
	VPSRLQ $1, Z26, Z26                     // all but the sign
	VMOVDQU64 (coded_pivots+64)(R8), Z28
	VMOVDQU64 coded_pivots(R8), Z29
	VBROADCASTSD zero+40(FP), Z30
	VPBROADCASTQ coded_missing(R8), Z31
	MOVQ coded_keys(R8), R10
	MOVL coded_steps(R8), BX                // BX: steps behind the pivots, R9: 2^BX / 2
	MOVL $4, AX
	CMPL BX, AX
	CMOVLLT AX, BX
	SUBL AX, BX
	VMOVQ BX, X17
	MOVQ $1, R9
	SHLXQ BX, R9, R9
	SHRQ $1, R9

group:
	MOVQ $-1, AX                            // K1: the rows there are
	CMPQ CX, $8
	JGE load
	SHLQ CX, AX
	NOTQ AX

load:
	KMOVB AX, K1
	VPXORQ Z0, Z0, Z0
	VGATHERQPD (SI)(Z18*1), K1, Z0

	// Z0: key of the value, see coded.key.
	VCMPPD $3, Z0, Z0, K2                   // NaN
	VPANDQ Z26, Z0, Z1
	VCMPPD $18, Z30, Z1, K3                 // at most zero
	KORB K2, K3, K2
	VADDPD Z25, Z0, Z0
	VPSRAQ $63, Z0, Z1
	VPORQ Z27, Z1, Z1
	VPXORQ Z1, Z0, Z0
	VMOVDQA64 Z31, K2, Z0

	// Z2: how many of 15 pivots lie below the key.
	VPXORQ Z2, Z2, Z2
	VMOVDQA64 Z24, Z1
	VPERMI2Q Z28, Z29, Z1
	VPCMPUQ $1, Z0, Z1, K1
	VPADDQ Z23, Z2, K1, Z2
	VPADDQ Z22, Z2, Z1
	VPERMI2Q Z28, Z29, Z1
	VPCMPUQ $1, Z0, Z1, K1
	VPADDQ Z21, Z2, K1, Z2
	VPADDQ Z20, Z2, Z1
	VPERMI2Q Z28, Z29, Z1
	VPCMPUQ $1, Z0, Z1, K1
	VPADDQ Z19, Z2, K1, Z2
	VMOVDQA64 Z2, Z1
	VPERMI2Q Z28, Z29, Z1
	VPCMPUQ $1, Z0, Z1, K1
	VPADDQ Z20, Z2, K1, Z2

	// Z2: how many of the keys do.
	MOVQ R9, R12
	TESTQ R12, R12
	JZ store
	VPSLLQ X17, Z2, Z2

step:
	VPBROADCASTQ R12, Z3
	VPADDQ Z3, Z2, Z3
	KXNORB K1, K1, K1
	VPGATHERQQ -8(R10)(Z3*8), K1, Z1
	VPCMPUQ $1, Z0, Z1, K1
	VMOVDQA64 Z3, K1, Z2
	SHRQ $1, R12
	JNZ step

store:
	VPMOVQW Z2, (DI)
	ADDQ $16, DI
	LEAQ (SI)(DX*8), SI
	SUBQ $8, CX
	JG group
	VZEROUPPER
	RET

// func code512(codes *uint8, ranks *[blockRows]uint16, columns int)
TEXT ·code512(SB), NOSPLIT, $0-24
	MOVQ codes+0(FP), DI
	MOVQ ranks+8(FP), SI
	MOVQ columns+16(FP), CX
	VMOVDQU64 (SI), Z0
	VMOVDQU64 64(SI), Z1
	MOVL $const_codeRange, AX
	VPBROADCASTW AX, Z2
	MOVL $const_codeMark, AX
	VPBROADCASTW AX, Z3

column:
	VPMINUW Z2, Z0, Z4
	VPMINUW Z2, Z1, Z5
	VPORQ Z3, Z4, Z4
	VPORQ Z3, Z5, Z5
	VPMOVWB Z4, (DI)
	VPMOVWB Z5, 32(DI)
	VPSUBUSW Z2, Z0, Z0
	VPSUBUSW Z2, Z1, Z1
	ADDQ $const_blockRows, DI
	DECQ CX
	JNZ column
	VZEROUPPER
	RET

// func mask512(leaves *[blockRows]uint8, reach *uint64, codes *uint8, nodes *maskNode, n int)
TEXT ·mask512(SB), NOSPLIT, $0-40
	MOVQ leaves+0(FP), DI
	MOVQ reach+8(FP), SI
	MOVQ codes+16(FP), DX
	MOVQ nodes+24(FP), R8
	MOVQ n+32(FP), CX
	VPXORQ Z0, Z0, Z0
	MOVQ $-1, AX
	MOVQ AX, (SI)
	LEAQ 16(SI), R9

node:
	MOVL maskNode_column(R8), AX
	MOVWLZX maskNode_from(R8), BX
	SHLQ $6, AX
	KMOVQ (SI)(BX*8), K1
	VPBROADCASTB maskNode_code(R8), Z1
	VPBROADCASTB maskNode_step(R8), Z2
	VPCMPUB $2, (DX)(AX*1), Z1, K1, K2      // the rows that go right
	VPADDB Z2, Z0, K2, Z0
	KANDNQ K1, K2, K1
	KMOVQ K1, (R9)
	KMOVQ K2, 8(R9)
	ADDQ $16, R9
	ADDQ $maskNode__size, R8
	DECQ CX
	JNZ node
	VMOVDQU64 Z0, (DI)
	VZEROUPPER
	RET

// func add512(sums *[blockRows]float64, values *float64, leaves *[blockRows]uint8)
TEXT ·add512(SB), NOSPLIT, $0-24
	MOVQ sums+0(FP), DI
	MOVQ values+8(FP), SI
	MOVQ leaves+16(FP), DX
	MOVQ $8, CX

rows:
	VPMOVZXBQ (DX), Z1
	KXNORB K1, K1, K1
	VPXORQ Z2, Z2, Z2
	VGATHERQPD (SI)(Z1*8), K1, Z2
	VADDPD (DI), Z2, Z2
	VMOVUPD Z2, (DI)
	ADDQ $64, DI
	ADDQ $8, DX
	DECQ CX
	JNZ rows
	VZEROUPPER
	RET

// func addFloat512(sums *[blockRows]float64, values *float64, leaves *[blockRows]uint8)
TEXT ·addFloat512(SB), NOSPLIT, $0-24
	MOVQ sums+0(FP), DI
	MOVQ values+8(FP), SI
	MOVQ leaves+16(FP), DX
	MOVQ $8, CX

rows:
	VPMOVZXBQ (DX), Z1
	KXNORB K1, K1, K1
	VPXORQ Z2, Z2, Z2
	VGATHERQPD (SI)(Z1*8), K1, Z2
	VADDPD (DI), Z2, Z2
	VCVTPD2PS Z2, Y2
	VCVTPS2PD Y2, Z2
	VMOVUPD Z2, (DI)
	ADDQ $64, DI
	ADDQ $8, DX
	DECQ CX
	JNZ rows
	VZEROUPPER
	RET

// One step of the eight walks in at, whose codes lie from off on; node is left in n.
#define STEP(at, off, n, c) \
	KXNORB K1, K1, K1               \
	VPGATHERQQ (SI)(at*8), K1, n    \
	VPSRLQ X17, n, c                \
	VPANDQ Z18, c, c                \
	VPADDQ off, c, c                \
	KXNORB K2, K2, K2               \
	VPGATHERQQ (DX)(c*1), K2, at    \
	VPANDQ Z19, at, at              \
	VPANDQ Z20, n, c                \
	VPCMPUQ $1, c, at, K3           \
	VPSRLQ $32, n, at               \
	VPADDQ Z21, at, K3, at

// func walk512(walks *[walkLanes]uint32, nodes *walkNode, codes *uint8, offsets *[walkLanes]uint32, shift, mask, depth int)
TEXT ·walk512(SB), NOSPLIT, $0-56
	MOVQ walks+0(FP), DI
	MOVQ nodes+8(FP), SI
	MOVQ codes+16(FP), DX
	MOVQ offsets+24(FP), R8
	VPMOVZXDQ (DI), Z0
	VPMOVZXDQ 32(DI), Z1
	VPMOVZXDQ 64(DI), Z2
	VPMOVZXDQ 96(DI), Z3
	VPMOVZXDQ (R8), Z4
	VPMOVZXDQ 32(R8), Z5
	VPMOVZXDQ 64(R8), Z6
	VPMOVZXDQ 96(R8), Z7
	VMOVQ shift+32(FP), X17
	VPBROADCASTQ mask+40(FP), Z18
	MOVQ depth+48(FP), CX
	MOVQ $255, AX
	VPBROADCASTQ AX, Z19
	MOVQ $511, AX
	VPBROADCASTQ AX, Z20
	MOVQ $1, AX
	VPBROADCASTQ AX, Z21
	MOVQ $const_walkLeaf, AX
	VPBROADCASTQ AX, Z22
	TESTQ CX, CX
	JLE done

step:
	STEP(Z0, Z4, Z8, Z12)
	STEP(Z1, Z5, Z9, Z13)
	STEP(Z2, Z6, Z10, Z14)
	STEP(Z3, Z7, Z11, Z15)
	VPANDQ Z8, Z9, Z8               // all leaves?
	VPANDQ Z10, Z11, Z10
	VPANDQ Z8, Z10, Z8
	VPTESTNMQ Z22, Z8, K1
	KORTESTB K1, K1
	JZ done
	DECQ CX
	JNZ step

done:
	VPMOVQD Z0, (DI)
	VPMOVQD Z1, 32(DI)
	VPMOVQD Z2, 64(DI)
	VPMOVQD Z3, 96(DI)
	VZEROUPPER
	RET

// func rankRow512(ranks *uint32, row *float64, keys *uint64, groups *eight, n int)
TEXT ·rankRow512(SB), NOSPLIT, $0-40
	MOVQ ranks+0(FP), DI
	MOVQ row+8(FP), SI
	MOVQ keys+16(FP), R10
	MOVQ groups+24(FP), R8
	MOVQ n+32(FP), CX
	VPXORQ Z25, Z25, Z25
	VPTERNLOGQ $255, Z26, Z26, Z26
	VPSLLQ $63, Z26, Z27
	VPSRLQ $1, Z26, Z26

group:
	// Z0: keys of the values, see coded.key.
	VMOVDQU64 eight_features(R8), Z1
	KXNORB K1, K1, K1
	VPXORQ Z0, Z0, Z0
	VGATHERQPD (SI)(Z1*8), K1, Z0
	VCMPPD $3, Z0, Z0, K2
	VPANDQ Z26, Z0, Z1
	VCMPPD $18, eight_zero(R8), Z1, K3
	KORB K2, K3, K2
	VADDPD Z25, Z0, Z0
	VPSRAQ $63, Z0, Z1
	VPORQ Z27, Z1, Z1
	VPXORQ Z1, Z0, Z0
	VMOVDQU64 eight_missing(R8), K2, Z0

	// Z2: place of the key, Z3: half of what is left.
	VMOVDQU64 eight_keys(R8), Z2
	VMOVDQU64 eight_half(R8), Z3
	MOVQ eight_steps(R8), R12
	TESTQ R12, R12
	JZ store

step:
	VPADDQ Z3, Z2, Z4
	KXNORB K1, K1, K1
	VPXORQ Z1, Z1, Z1
	VPGATHERQQ -8(R10)(Z4*8), K1, Z1
	VPCMPUQ $1, Z0, Z1, K1
	VMOVDQA64 Z4, K1, Z2
	VPSRLQ $1, Z3, Z3
	DECQ R12
	JNZ step

store:
	VPSUBQ eight_keys(R8), Z2, Z2
	VPMOVQD Z2, (DI)
	ADDQ $32, DI
	ADDQ $eight__size, R8
	DECQ CX
	JNZ group
	VZEROUPPER
	RET

// func count256(ranks *[blockRows]uint64, values *[blockRows]float64, k *coded, n int, zero float64)
TEXT ·count256(SB), NOSPLIT, $0-40
	MOVQ ranks+0(FP), DI
	MOVQ values+8(FP), SI
	MOVQ k+16(FP), R8
	MOVQ n+24(FP), CX
	VBROADCASTSD zero+32(FP), Y12
	VPBROADCASTQ coded_missingRank(R8), Y13
	VPCMPEQQ Y14, Y14, Y14
	VPSRLQ $1, Y14, Y14             // all but the sign
	MOVQ coded_cuts(R8), R9
	MOVQ (coded_cuts+8)(R8), R10

rows:
	VMOVUPD (SI), Y0
	VMOVUPD 32(SI), Y1
	VMOVUPD 64(SI), Y2
	VMOVUPD 96(SI), Y3
	VPXOR Y4, Y4, Y4
	VPXOR Y5, Y5, Y5
	VPXOR Y6, Y6, Y6
	VPXOR Y7, Y7, Y7
	MOVQ R9, R11
	MOVQ R10, R12

cut:
	VBROADCASTSD (R11), Y8
	VCMPPD $17, Y0, Y8, Y9          // cut < value: -1
	VCMPPD $17, Y1, Y8, Y10
	VPSUBQ Y9, Y4, Y4
	VPSUBQ Y10, Y5, Y5
	VCMPPD $17, Y2, Y8, Y9
	VCMPPD $17, Y3, Y8, Y10
	VPSUBQ Y9, Y6, Y6
	VPSUBQ Y10, Y7, Y7
	ADDQ $8, R11
	DECQ R12
	JNZ cut

	VANDPD Y14, Y0, Y8              // missing: NaN or at most zero
	VCMPPD $18, Y12, Y8, Y8
	VCMPPD $3, Y0, Y0, Y9
	VORPD Y8, Y9, Y8
	VBLENDVPD Y8, Y13, Y4, Y4
	VANDPD Y14, Y1, Y8
	VCMPPD $18, Y12, Y8, Y8
	VCMPPD $3, Y1, Y1, Y9
	VORPD Y8, Y9, Y8
	VBLENDVPD Y8, Y13, Y5, Y5
	VANDPD Y14, Y2, Y8
	VCMPPD $18, Y12, Y8, Y8
	VCMPPD $3, Y2, Y2, Y9
	VORPD Y8, Y9, Y8
	VBLENDVPD Y8, Y13, Y6, Y6
	VANDPD Y14, Y3, Y8
	VCMPPD $18, Y12, Y8, Y8
	VCMPPD $3, Y3, Y3, Y9
	VORPD Y8, Y9, Y8
	VBLENDVPD Y8, Y13, Y7, Y7
	VMOVDQU Y4, (DI)
	VMOVDQU Y5, 32(DI)
	VMOVDQU Y6, 64(DI)
	VMOVDQU Y7, 96(DI)
	ADDQ $128, SI
	ADDQ $128, DI
	SUBQ $16, CX
	JG rows
	VZEROUPPER
	RET

// func mask256(leaves *uint8, reach *[4]uint64, codes *uint8, nodes *maskNode, n int)
TEXT ·mask256(SB), NOSPLIT, $0-40
	MOVQ leaves+0(FP), DI
	MOVQ reach+8(FP), SI
	MOVQ codes+16(FP), DX
	MOVQ nodes+24(FP), R8
	MOVQ n+32(FP), CX
	VPXOR Y0, Y0, Y0
	VPCMPEQB Y1, Y1, Y1
	VMOVDQU Y1, (SI)
	LEAQ 64(SI), R9

node:
	MOVL maskNode_column(R8), AX
	MOVWLZX maskNode_from(R8), BX
	SHLQ $6, AX
	SHLQ $5, BX
	VPBROADCASTB maskNode_code(R8), Y1
	VPBROADCASTB maskNode_step(R8), Y2
	VMOVDQU (SI)(BX*1), Y3
	VPCMPGTB (DX)(AX*1), Y1, Y1     // the rows that go left; codes have their sign set
	VPAND Y3, Y1, Y4
	VPANDN Y3, Y1, Y1
	VMOVDQU Y4, (R9)
	VMOVDQU Y1, 32(R9)
	VPAND Y1, Y2, Y2
	VPADDB Y2, Y0, Y0
	ADDQ $64, R9
	ADDQ $maskNode__size, R8
	DECQ CX
	JNZ node
	VMOVDQU Y0, (DI)
	VZEROUPPER
	RET
