* A converter of one's own for spec.toml. The first line is a title, as in every deck.
* 3-bit flash: a ladder of eight resistors and seven double-tail latches, thermometer code out.
.subckt double_tail inp inn strobe high vdd
* Both outputs are high at rest. The input that stands lower lets its node rise first, which
* releases its output first: `high` stays high when inp > inn.
mi1 off strobe vdd vdd pch w=0.4u l=0.04u
mi2 off strobe 0 0 nch w=0.2u l=0.04u
mt tail off vdd vdd pch w=1u l=0.04u
m1 fn inp tail vdd pch w=2u l=0.06u
m2 fp inn tail vdd pch w=2u l=0.06u
mr1 fn off 0 0 nch w=0.4u l=0.04u
mr2 fp off 0 0 nch w=0.4u l=0.04u
mh1 o1 fn vdd vdd pch w=0.5u l=0.04u
mh2 o2 fp vdd vdd pch w=0.5u l=0.04u
mp1 o1 o2 vdd vdd pch w=0.4u l=0.04u
mn1 o1 o2 sink 0 nch w=0.4u l=0.04u
mp2 o2 o1 vdd vdd pch w=0.4u l=0.04u
mn2 o2 o1 sink 0 nch w=0.4u l=0.04u
ms sink strobe 0 0 nch w=0.4u l=0.04u
mb1 x o1 vdd vdd pch w=0.24u l=0.04u
mb2 x o1 0 0 nch w=0.12u l=0.04u
mb3 high x vdd vdd pch w=0.24u l=0.04u
mb4 high x 0 0 nch w=0.12u l=0.04u
* the other output sees the same load
md1 y o2 vdd vdd pch w=0.24u l=0.04u
md2 y o2 0 0 nch w=0.12u l=0.04u
.ends double_tail
.subckt flash3 vin bottom top strobe t1 t2 t3 t4 t5 t6 t7 vdd
r1 bottom a1 200
r2 a1 a2 200
r3 a2 a3 200
r4 a3 a4 200
r5 a4 a5 200
r6 a5 a6 200
r7 a6 a7 200
r8 a7 top 200
x1 vin a1 strobe t1 vdd double_tail
x2 vin a2 strobe t2 vdd double_tail
x3 vin a3 strobe t3 vdd double_tail
x4 vin a4 strobe t4 vdd double_tail
x5 vin a5 strobe t5 vdd double_tail
x6 vin a6 strobe t6 vdd double_tail
x7 vin a7 strobe t7 vdd double_tail
.ends flash3
